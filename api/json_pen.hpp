#pragma once

#include "config/time.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::api {

/// Writes JSON into room that its owner has made large enough: nothing is checked piece by piece. A
/// list of artifacts has thousands of pieces.
class JsonPen {
 public:
  explicit JsonPen(char* at) : at_(at) {}

  /// How much room a text takes at most: a byte that is no UTF-8 becomes \ufffd.
  static constexpr std::size_t room_of_text(std::size_t bytes) { return bytes * 6 + 2; }

  char* end() const { return at_; }

  /// Bytes that are JSON already.
  void raw(std::string_view json) {
    std::memcpy(at_, json.data(), json.size());
    at_ += json.size();
  }
  void text(std::string_view text);
  void text_or_null(std::string_view text);
  void number(std::int64_t number);
  void time(Timestamp time);
  void hex(std::span<const std::byte> bytes);

 private:
  char* at_;
};

}  // namespace evidenced::api
