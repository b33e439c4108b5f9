#include "security/seal.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

// on-disk value: never renumber.
constexpr char kSealVersion = 1;
constexpr size_t kHeaderBytes = 2;  // version, suite

constexpr size_t kGcmNonceBytes = 12;
constexpr size_t kGcmTagBytes = 16;
constexpr size_t kCtrNonceBytes = 16;
constexpr size_t kSm4KeyBytes = 16;

// on-disk values: what they derive opens what was sealed.
constexpr std::string_view kSm4CipherLabel = "liandong seal 1 sm4-ctr cipher";
constexpr std::string_view kSm4MacLabel = "liandong seal 1 sm4-ctr mac";
constexpr std::string_view kContentMacLabel = "liandong content mac 1";

size_t NonceBytes(Suite suite) { return suite == Suite::kShangmi ? kCtrNonceBytes : kGcmNonceBytes; }
size_t TagBytes(Suite suite) { return suite == Suite::kShangmi ? kHashBytes : kGcmTagBytes; }

const EVP_CIPHER* Cipher(Suite suite) {
  static EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  static EVP_CIPHER* const sm4 = EVP_CIPHER_fetch(nullptr, "SM4-CTR", nullptr);
  EVP_CIPHER* const cipher = suite == Suite::kShangmi ? sm4 : aes;
  CheckOpenssl(cipher != nullptr, "fetching the cipher");
  return cipher;
}

std::string Header(Suite suite) { return {kSealVersion, static_cast<char>(suite)}; }

absl::Status DoesNotOpen() {
  return absl::DataLossError(
      "sealed bytes do not open: they were changed or moved, or the key is not the one that sealed them");
}

// Feeds `in` to the cipher and appends what comes out; both ciphers here are stream modes, so sizes are equal.
void Transform(EVP_CIPHER_CTX* context, std::string_view in, std::string& out) {
  const size_t start = out.size();
  out.resize(start + in.size());
  for (size_t done = 0; done < in.size();) {
    const int piece = static_cast<int>(std::min(kCipherPieceBytes, in.size() - done));
    int written = 0;
    const int ok = EVP_CipherUpdate(context, Bytes(out) + start + done, &written, Bytes(in.substr(done)), piece);
    CheckOpenssl(ok == 1 && written == piece, "running the cipher");
    done += static_cast<size_t>(piece);
  }
}

void Authenticate(EVP_CIPHER_CTX* context, std::string_view aad) {
  while (!aad.empty()) {
    const size_t piece = std::min(kCipherPieceBytes, aad.size());
    int written = 0;
    const int ok = EVP_CipherUpdate(context, nullptr, &written, Bytes(aad), static_cast<int>(piece));
    CheckOpenssl(ok == 1, "authenticating the header");
    aad.remove_prefix(piece);
  }
}

CipherContextPtr StartCipher(Suite suite, std::string_view key, std::string_view nonce, bool encrypt) {
  CipherContextPtr context(EVP_CIPHER_CTX_new());
  CheckOpenssl(context != nullptr, "making a cipher context");
  const int ok = EVP_CipherInit_ex2(context.get(), Cipher(suite), Bytes(key), Bytes(nonce), encrypt ? 1 : 0, nullptr);
  CheckOpenssl(ok == 1, "starting the cipher");
  return context;
}

std::string SealAesGcm(std::string_view key, std::string_view aad, std::string_view plaintext) {
  std::string sealed = Header(Suite::kInternational);
  const std::string nonce = RandomBytes(kGcmNonceBytes);
  CipherContextPtr context = StartCipher(Suite::kInternational, key, nonce, true);
  Authenticate(context.get(), sealed);
  Authenticate(context.get(), aad);
  sealed.reserve(kHeaderBytes + kGcmNonceBytes + plaintext.size() + kGcmTagBytes);
  sealed += nonce;
  Transform(context.get(), plaintext, sealed);
  int written = 0;
  unsigned char nothing[EVP_MAX_BLOCK_LENGTH];
  CheckOpenssl(EVP_CipherFinal_ex(context.get(), nothing, &written) == 1, "ending the cipher");
  std::string tag(kGcmTagBytes, '\0');
  const int ok = EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag.data());
  CheckOpenssl(ok == 1, "taking the tag");
  return sealed + tag;
}

absl::StatusOr<std::string> OpenAesGcm(std::string_view key, std::string_view aad, std::string_view nonce,
                                       std::string_view ciphertext, std::string_view tag) {
  CipherContextPtr context = StartCipher(Suite::kInternational, key, nonce, false);
  Authenticate(context.get(), Header(Suite::kInternational));
  Authenticate(context.get(), aad);
  std::string plaintext;
  Transform(context.get(), ciphertext, plaintext);
  std::string tag_copy(tag);
  CheckOpenssl(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag_copy.data()) == 1,
               "giving the tag");
  int written = 0;
  unsigned char nothing[EVP_MAX_BLOCK_LENGTH];
  if (EVP_CipherFinal_ex(context.get(), nothing, &written) != 1) {
    Wipe(plaintext);
    return DoesNotOpen();
  }
  return plaintext;
}

// The tag of suite 2 covers header, nonce, aad with its length in 8 bytes (so that nothing can move between aad and
// ciphertext), ciphertext.
std::string ShangmiTag(std::string_view key, std::string_view aad, std::string_view nonce,
                       std::string_view ciphertext) {
  std::string covered = Header(Suite::kShangmi);
  covered.append(nonce);
  for (int shift = 56; shift >= 0; shift -= 8) covered += static_cast<char>(uint64_t{aad.size()} >> shift);
  covered.append(aad);
  covered.append(ciphertext);
  std::string mac_key = HmacSm3(key, kSm4MacLabel);
  std::string tag = HmacSm3(mac_key, covered);
  Wipe(mac_key);
  return tag;
}

std::string RunSm4Ctr(std::string_view key, std::string_view nonce, std::string_view in) {
  std::string derived = HmacSm3(key, kSm4CipherLabel);
  const std::string_view cipher_key = std::string_view(derived).substr(0, kSm4KeyBytes);
  CipherContextPtr context = StartCipher(Suite::kShangmi, cipher_key, nonce, true);
  std::string out;
  Transform(context.get(), in, out);
  Wipe(derived);
  return out;
}

std::string SealShangmi(std::string_view key, std::string_view aad, std::string_view plaintext) {
  const std::string nonce = RandomBytes(kCtrNonceBytes);
  const std::string ciphertext = RunSm4Ctr(key, nonce, plaintext);
  return absl::StrCat(Header(Suite::kShangmi), nonce, ciphertext, ShangmiTag(key, aad, nonce, ciphertext));
}

}  // namespace

size_t SealOverheadBytes(Suite suite) { return kHeaderBytes + NonceBytes(suite) + TagBytes(suite); }

std::string Seal(Suite suite, std::string_view key, std::string_view aad, std::string_view plaintext) {
  CheckOpenssl(key.size() == kKeyBytes, "sealing with a key that is not 32 bytes long");
  return suite == Suite::kShangmi ? SealShangmi(key, aad, plaintext) : SealAesGcm(key, aad, plaintext);
}

absl::StatusOr<Suite> SealedSuite(std::string_view sealed) {
  if (sealed.size() < kHeaderBytes || sealed[0] != kSealVersion) return DoesNotOpen();
  const auto suite = SuiteFromNumber(static_cast<unsigned char>(sealed[1]));
  if (!suite.ok() || sealed.size() < SealOverheadBytes(*suite)) return DoesNotOpen();
  return *suite;
}

absl::StatusOr<std::string> Open(std::string_view key, std::string_view aad, std::string_view sealed) {
  CheckOpenssl(key.size() == kKeyBytes, "opening with a key that is not 32 bytes long");
  const auto suite = SealedSuite(sealed);
  if (!suite.ok()) return suite.status();
  const std::string_view nonce = sealed.substr(kHeaderBytes, NonceBytes(*suite));
  const std::string_view ciphertext =
      sealed.substr(kHeaderBytes + nonce.size(), sealed.size() - SealOverheadBytes(*suite));
  const std::string_view tag = sealed.substr(sealed.size() - TagBytes(*suite));
  if (*suite == Suite::kInternational) return OpenAesGcm(key, aad, nonce, ciphertext, tag);
  if (!ConstantTimeEqual(tag, ShangmiTag(key, aad, nonce, ciphertext))) return DoesNotOpen();
  return RunSm4Ctr(key, nonce, ciphertext);
}

std::string Mac(Suite suite, std::string_view key, std::string_view bytes) {
  CheckOpenssl(key.size() == kKeyBytes, "keying a content MAC with a key that is not 32 bytes long");
  std::string mac_key = Hmac(suite, key, kContentMacLabel);
  std::string mac(1, static_cast<char>(suite));
  mac += Hmac(suite, mac_key, bytes);
  Wipe(mac_key);
  return mac;
}

}  // namespace liandong::security
