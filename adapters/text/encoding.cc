#include "adapters/text/encoding.h"

#include <iconv.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";
constexpr std::string_view kGb18030Bom = "\x84\x31\x95\x33";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

class Converter {
 public:
  Converter(const char* to, const char* from) : handle_(iconv_open(to, from)) {}
  ~Converter() {
    if (ok()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool ok() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // Converts from the start of `in` on and takes off what was read. 0, or the errno that stopped it (EILSEQ, EINVAL).
  int Run(std::string_view& in, std::string& out) {
    char chunk[4096];
    while (!in.empty()) {
      char* from = const_cast<char*>(in.data());  // iconv's signature; it only reads
      size_t left = in.size();
      char* to = chunk;
      size_t room = sizeof(chunk);
      size_t result = iconv(handle_, &from, &left, &to, &room);
      int error = errno;
      out.append(chunk, sizeof(chunk) - room);
      in.remove_prefix(in.size() - left);
      if (result == static_cast<size_t>(-1) && error != E2BIG) return error;
    }
    return 0;
  }

 private:
  iconv_t handle_;
};

const char* IconvName(Encoding encoding) { return encoding == Encoding::kGbk ? "GBK" : "GB18030"; }

absl::Status NoConverter(Encoding encoding) {
  return absl::InternalError(absl::StrCat("系统缺少 ", IconvName(encoding),
                                          " 字符集转换模块,请检查 libc6 的 gconv 目录 (the system lacks the ",
                                          IconvName(encoding), " converter; check the gconv directory of libc6)"));
}

absl::Status BadByte(Encoding encoding, size_t offset) {
  std::string name(EncodingName(encoding));
  return BadMessage(kReasonBadEncoding, absl::StrCat("第 ", offset, " 字节不是有效的 ", name, " 编码"),
                    absl::StrCat("byte offset ", offset, " is not valid ", name));
}

}  // namespace

std::optional<Encoding> EncodingFromName(std::string_view name) {
  std::string lower = absl::AsciiStrToLower(absl::string_view(name.data(), name.size()));
  if (lower == "utf-8" || lower == "utf8") return Encoding::kUtf8;
  if (lower == "gb18030") return Encoding::kGb18030;
  if (lower == "gbk" || lower == "gb2312" || lower == "cp936") return Encoding::kGbk;
  if (lower == "auto") return Encoding::kAuto;
  return std::nullopt;
}

std::string_view EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kGb18030:
      return "GB18030";
    case Encoding::kGbk:
      return "GBK";
    case Encoding::kUtf8:
    case Encoding::kAuto:
      break;
  }
  return "UTF-8";
}

std::optional<size_t> FirstInvalidUtf8(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    auto at = [&](size_t k) { return static_cast<unsigned char>(bytes[k]); };
    unsigned char lead = at(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    size_t length = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (length == 0 || i + length > bytes.size()) return i;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at(i + 1) < low || at(i + 1) > high) return i;
    for (size_t k = 2; k < length; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return i;
    }
    i += length;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> ToUtf8(std::string_view bytes, Encoding encoding) {
  std::optional<size_t> invalid;
  if (encoding == Encoding::kUtf8 || encoding == Encoding::kAuto) {
    invalid = FirstInvalidUtf8(bytes);
    if (!invalid) {
      if (bytes.substr(0, kUtf8Bom.size()) == kUtf8Bom) bytes.remove_prefix(kUtf8Bom.size());
      return std::string(bytes);
    }
    if (encoding == Encoding::kUtf8) return BadByte(encoding, *invalid);
    encoding = Encoding::kGb18030;
  }
  size_t size = bytes.size();
  if (bytes.substr(0, kGb18030Bom.size()) == kGb18030Bom) bytes.remove_prefix(kGb18030Bom.size());
  Converter converter("UTF-8", IconvName(encoding));
  if (!converter.ok()) return NoConverter(encoding);
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 2);
  if (converter.Run(bytes, out) != 0) {
    if (invalid) {
      return BadMessage(
          kReasonBadEncoding,
          absl::StrCat("既不是 UTF-8(第 ", *invalid, " 字节)也不是 GB18030(第 ", size - bytes.size(), " 字节)"),
          absl::StrCat("neither UTF-8 (byte offset ", *invalid, ") nor GB18030 (byte offset ", size - bytes.size(),
                       ")"));
    }
    return BadByte(encoding, size - bytes.size());
  }
  return out;
}

absl::StatusOr<std::string> FromUtf8(std::string_view utf8, Encoding encoding) {
  if (std::optional<size_t> invalid = FirstInvalidUtf8(utf8)) return BadByte(Encoding::kUtf8, *invalid);
  if (encoding == Encoding::kUtf8 || encoding == Encoding::kAuto) return std::string(utf8);
  Converter converter(IconvName(encoding), "UTF-8");
  if (!converter.ok()) return NoConverter(encoding);
  size_t size = utf8.size();
  std::string out;
  if (converter.Run(utf8, out) != 0) {
    std::string name(EncodingName(encoding));
    return BadMessage(kReasonBadEncoding,
                      absl::StrCat("第 ", size - utf8.size(), " 字节处的字符在 ", name, " 中不存在"),
                      absl::StrCat("the character at byte offset ", size - utf8.size(), " does not exist in ", name));
  }
  return out;
}

LossyText ToUtf8Lossy(std::string_view bytes, Encoding encoding) {
  LossyText result;
  if (encoding == Encoding::kAuto) encoding = FirstInvalidUtf8(bytes) ? Encoding::kGb18030 : Encoding::kUtf8;
  if (encoding == Encoding::kUtf8) {
    // Not through iconv: it lets some forms pass that are no UTF-8.
    while (std::optional<size_t> invalid = FirstInvalidUtf8(bytes)) {
      result.utf8.append(bytes.substr(0, *invalid)).append(kReplacement);
      bytes.remove_prefix(*invalid + 1);
      result.replaced = true;
    }
    result.utf8.append(bytes);
    return result;
  }
  Converter converter("UTF-8", IconvName(encoding));
  while (!bytes.empty()) {
    int error = converter.ok() ? converter.Run(bytes, result.utf8) : EILSEQ;
    if (error == 0) break;
    if (error == EINVAL) {
      result.cut = true;
      break;
    }
    result.replaced = true;
    result.utf8 += kReplacement;
    bytes.remove_prefix(1);
  }
  return result;
}

}  // namespace liandong::adapters
