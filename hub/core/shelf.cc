#include "hub/core/shelf.h"

#include <cstring>

#include "google/protobuf/io/coded_stream.h"

namespace liandong::core {

using google::protobuf::io::CodedOutputStream;

Packed::Packed(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  const auto length = static_cast<uint32_t>(size);
  LIANDONG_CHECK(length == size, "a message of State is larger than protobuf allows");
  bytes_.reset(new char[sizeof(length) + size]);
  std::memcpy(bytes_.get(), &length, sizeof(length));
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(bytes_.get() + sizeof(length)));
}

uint32_t Packed::Length() const {
  uint32_t length = 0;
  std::memcpy(&length, bytes_.get(), sizeof(length));
  return length;
}

void Packed::Unpack(google::protobuf::MessageLite* message) const {
  const std::string_view all = bytes();
  LIANDONG_CHECK(message->ParseFromArray(all.data(), static_cast<int>(all.size())),
                 "what State packed cannot be read: memory is damaged");
}

namespace {

void AppendHead(int number, size_t length, std::string* out) {
  constexpr uint32_t kLengthDelimited = 2;
  uint8_t head[10];
  uint8_t* end = CodedOutputStream::WriteTagToArray(static_cast<uint32_t>(number) << 3 | kLengthDelimited, head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(length), end);
  out->append(reinterpret_cast<const char*>(head), static_cast<size_t>(end - head));
}

}  // namespace

void AppendField(int number, std::string_view bytes, std::string* out) {
  AppendHead(number, bytes.size(), out);
  out->append(bytes);
}

void AppendField(int number, const google::protobuf::MessageLite& message, std::string* out) {
  AppendHead(number, message.ByteSizeLong(), out);
  message.AppendToString(out);
}

}  // namespace liandong::core
