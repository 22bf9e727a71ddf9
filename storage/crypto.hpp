#pragma once

#include "config/random.hpp"
#include "config/secret.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

using Digest = std::array<unsigned char, 32>;
using Key = std::array<unsigned char, 32>;

/// SHA-256 (FIPS 180-4).
Digest sha256(std::string_view bytes);

/// SHA-256 fed in pieces, for streamed exports.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void update(std::string_view bytes);
  Digest finish();

 private:
  void* context_;
};

/// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::string_view key, std::string_view bytes);

/// HKDF-SHA-256 (RFC 5869) with an empty salt: a key for one purpose from a master key.
Key derive_key(std::string_view master, std::string_view purpose);

std::string to_hex(std::span<const unsigned char> bytes);
std::string to_base64url(std::string_view bytes);  ///< RFC 4648 section 5, no padding
std::optional<std::string> from_base64url(
    std::string_view text);                     ///< strict; nullopt when malformed
std::string to_base64(std::string_view bytes);  ///< RFC 4648 section 4
std::optional<std::string> from_base64(std::string_view text);

/// Compares in time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

/// AES-256-GCM (NIST SP 800-38D): 12 byte random nonce ‖ ciphertext ‖ 16 byte tag. `aad` is bound,
/// not stored.
std::string seal(const Key& key, std::string_view plain, std::string_view aad, Random& random);

/// nullopt when key, aad or a single bit is wrong.
std::optional<Secret> open(const Key& key, std::string_view sealed, std::string_view aad);

}  // namespace evidenced::storage
