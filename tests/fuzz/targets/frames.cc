// GB/T 26875.3: frames however the stream is cut, and what stands in them.
#include <utility>

#include "adapters/fire_119/gb26875.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "adapters/limits.h"
#include "adapters/text/json.h"
#include "tests/fuzz/target.h"
#include "tests/unit/adapters/fire_119/samples.h"

namespace liandong::adapters::gb26875 {
namespace {

using fuzz::Expect;

// System, component, state, a text and a time: what the longest objects hold.
constexpr char kOneComponent[] =
    "\x01\x01\x1C\x01\x00\x02\x00\x02\x00xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\x1E\x0F\x02\x0D\x07\x1A";

void Drain(FrameReader* reader, std::vector<Reading>* readings) {
  while (std::optional<Reading> one = reader->Pull()) readings->push_back(*std::move(one));
}

// Pieces of `piece` bytes; whole: as much at once as fits.
std::vector<Reading> ReadIn(std::string_view bytes, size_t piece, const Options& options) {
  FrameReader reader(options);
  std::vector<Reading> readings;
  while (!bytes.empty()) {
    const size_t taken = reader.Push(bytes.substr(0, piece));
    Expect(reader.buffered() <= kGb26875BufferBytesMax, "what is held is bounded");
    bytes.remove_prefix(taken);
    const size_t before = readings.size();
    Drain(&reader, &readings);
    Expect(taken > 0 || readings.size() > before || reader.buffered() < kGb26875BufferBytesMax, "it always gets on");
  }
  for (size_t tries = 0; reader.PendingAt().has_value(); ++tries) {
    Expect(tries <= kGb26875BufferBytesMax, "giving up ends");
    if (std::optional<Reading> one = reader.GiveUp()) readings.push_back(*std::move(one));
    Drain(&reader, &readings);
  }
  return readings;
}

bool Same(const std::vector<Reading>& a, const std::vector<Reading>& b) {
  size_t skipped_a = 0, skipped_b = 0;
  std::vector<const Reading*> frames_a, frames_b;
  // Garbage may come in one piece or in several.
  for (const Reading& one : a) one.fault == Fault::kGarbage ? void(skipped_a += one.skipped) : frames_a.push_back(&one);
  for (const Reading& one : b) one.fault == Fault::kGarbage ? void(skipped_b += one.skipped) : frames_b.push_back(&one);
  if (skipped_a != skipped_b || frames_a.size() != frames_b.size()) return false;
  for (size_t i = 0; i < frames_a.size(); ++i) {
    if (frames_a[i]->fault != frames_b[i]->fault || !(frames_a[i]->frame == frames_b[i]->frame)) return false;
  }
  return true;
}

}  // namespace

FUZZ_SEEDS(gb26875_frames) {
  std::vector<std::string> seeds;
  std::string all = "noise";
  for (const std::string& sample : AllSamples()) {
    all += sample;
    seeds.push_back(std::string(1, '\0') + sample);
  }
  for (char options = 0; options < 8; ++options) seeds.push_back(std::string(1, options) + all);
  std::string broken = all;
  broken[5 + 24] = '\xFF';
  seeds.push_back(std::string(1, '\0') + broken);
  return seeds;
}
// First byte: the options; then the stream.
FUZZ_TARGET(gb26875_frames) {
  if (bytes.empty()) return;
  const unsigned choice = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const Options options{(choice & 1) != 0, (choice & 2) != 0, (choice & 4) == 0};
  const std::vector<Reading> whole = ReadIn(bytes, std::string_view::npos, options);
  for (size_t piece : {size_t{1}, size_t{7}, size_t{1 + choice}}) {
    Expect(Same(whole, ReadIn(bytes, piece, options)), "the cut of the stream makes no difference");
  }
  size_t content = 0;
  for (const Reading& one : whole) {
    content += one.skipped;
    if (one.fault != Fault::kNone) continue;
    Expect(one.frame.adu.size() <= kGb26875AduBytesMax, "a frame is bounded");
    const absl::StatusOr<std::string> written = Encode(one.frame, options);
    Expect(written.ok() && bytes.find(*written) != std::string_view::npos, "a frame is what stood in the stream");
    content += written->size();
    (void)DedupKey(one.frame);
    (void)IsHeartbeat(one.frame, options);
    Expect(Encode(MakeDeny(one.frame, one.frame.time), options).ok(), "every frame can be answered");
  }
  Expect(content <= bytes.size(), "no byte is read twice");
}

FUZZ_SEEDS(gb26875_adu) {
  std::vector<std::string> seeds;
  for (const std::string& sample : AllSamples()) {
    FrameReader reader;
    reader.Push(sample);
    const std::optional<Reading> one = reader.Pull();
    if (one.has_value()) seeds.push_back(std::string(1, static_cast<char>(one->frame.command)) + one->frame.adu);
  }
  for (int type : {1, 2, 3, 4, 5, 6, 7, 8, 21, 24, 25, 26, 28, 128}) {
    seeds.push_back(std::string{2, static_cast<char>(type), 1} + std::string(kOneComponent, sizeof kOneComponent - 1));
  }
  return seeds;
}
// First byte: the command; then the content of a frame.
FUZZ_TARGET(gb26875_adu) {
  if (bytes.empty() || bytes.size() > 1 + kGb26875AduBytesMax) return;
  Frame frame;
  frame.command = static_cast<uint8_t>(bytes[0]);
  frame.adu = std::string(bytes.substr(1));
  frame.time = {30, 15, 2, 13, 7, 26};
  const Decoded decoded = DecodeAdu(frame);
  Expect(decoded.events.size() <= 256, "events are bounded");
  for (const nlohmann::json& event : decoded.events) {
    Expect(event.is_object() && event.contains("kind") && DumpJson(event).ok(),
           "every event is a record that can be written");
  }
}

}  // namespace liandong::adapters::gb26875
