#include "storage/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>
#include <memory>

namespace evidenced::storage {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

/// Looked up once: a look-up takes locks and costs more than hashing a small object.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}
const EVP_CIPHER* gcm_method() {
  static const EVP_CIPHER* const method = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return method;
}

/// OpenSSL fails here only without memory or without its default provider.
void require(bool ok) {
  if (!ok) std::abort();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

struct CipherCloser {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherCloser>;

}  // namespace

Digest sha256(std::string_view bytes) {
  Digest digest;
  require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha256_method(),
                     nullptr) == 1);
  return digest;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  require(EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), sha256_method(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

void Sha256Stream::update(std::string_view bytes) {
  require(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
}

Digest Sha256Stream::finish() {
  Digest digest;
  require(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), nullptr) == 1);
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest digest;
  const unsigned char* made = HMAC(sha256_method(), key.data(), static_cast<int>(key.size()),
                                   bytes_of(bytes), bytes.size(), digest.data(), nullptr);
  require(made != nullptr);
  return digest;
}

Key derive_key(std::string_view master, std::string_view purpose) {
  constexpr std::array<char, 32> no_salt{};
  Digest extracted = hmac_sha256({no_salt.data(), no_salt.size()}, master);
  std::string info(purpose);
  info += '\x01';
  Key key = hmac_sha256({reinterpret_cast<const char*>(extracted.data()), extracted.size()}, info);
  OPENSSL_cleanse(extracted.data(), extracted.size());
  return key;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string seal(const Key& key, std::string_view plain, std::string_view aad, Random& random) {
  std::string sealed(nonce_bytes + plain.size() + tag_bytes, '\0');
  unsigned char* nonce = bytes_of(sealed);
  unsigned char* cipher_text = nonce + nonce_bytes;
  random.fill({nonce, nonce_bytes});
  Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  require(EVP_EncryptInit_ex2(cipher.get(), gcm_method(), key.data(), nonce, nullptr) == 1 &&
          EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytes_of(aad),
                            static_cast<int>(aad.size())) == 1 &&
          EVP_EncryptUpdate(cipher.get(), cipher_text, &written, bytes_of(plain),
                            static_cast<int>(plain.size())) == 1 &&
          EVP_EncryptFinal_ex(cipher.get(), cipher_text + written, &rest) == 1 &&
          EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                              cipher_text + plain.size()) == 1);
  return sealed;
}

std::optional<Secret> open(const Key& key, std::string_view sealed, std::string_view aad) {
  if (sealed.size() < nonce_bytes + tag_bytes) return std::nullopt;
  std::string_view cipher_text =
      sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag(sealed.substr(sealed.size() - tag_bytes));
  std::string plain(cipher_text.size(), '\0');
  Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  int rest = 0;
  bool authentic =
      EVP_DecryptInit_ex2(cipher.get(), gcm_method(), key.data(), bytes_of(sealed), nullptr) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytes_of(aad),
                        static_cast<int>(aad.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &written, bytes_of(cipher_text),
                        static_cast<int>(cipher_text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(plain) + written, &rest) == 1;
  if (authentic) return Secret(std::move(plain));
  wipe(plain);
  return std::nullopt;
}

}  // namespace evidenced::storage
