#include "config/secret.hpp"

#include <openssl/crypto.h>

namespace evidenced {

void wipe(std::string& text) {
  // The whole buffer, not only its used part: an assignment may have left the tail of a longer
  // value, and a move leaves short values behind in the inline buffer.
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string value) {
  value_.swap(value);
  wipe(value);
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  wipe(other.value_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(value_);
  value_ = std::move(other.value_);
  wipe(other.value_);
  return *this;
}

Secret::~Secret() {
  wipe(value_);
}

}  // namespace evidenced
