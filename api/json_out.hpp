#pragma once

#include "config/time.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// Appends `text` as a JSON string with its quotes (RFC 8259). Bytes that are not UTF-8 become
/// U+FFFD, so that an answer is JSON whatever it quotes.
void append_json_string(std::string& out, std::string_view text);

/// Writes JSON by appending to a string; commas come by themselves. Stored JSON goes in verbatim
/// with `raw`, never through a parser. The string outlives the writer; names of members are
/// literals that need no escape.
class JsonOut {
 public:
  explicit JsonOut(std::string& out) : out_(out) {}

  JsonOut& begin_object() { return open('{'); }
  JsonOut& end_object() { return close('}'); }
  JsonOut& begin_array() { return open('['); }
  JsonOut& end_array() { return close(']'); }

  JsonOut& key(std::string_view name);
  JsonOut& value(std::string_view text);
  JsonOut& value(const std::string& text) { return value(std::string_view(text)); }
  JsonOut& value(const char* text) { return value(std::string_view(text)); }
  JsonOut& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonOut& value(T number) {
    return integer(static_cast<std::int64_t>(number));
  }
  JsonOut& value(Timestamp time) { return value(format_rfc3339(time)); }
  JsonOut& value(const std::vector<std::string>& texts);
  template <class T>
  JsonOut& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  JsonOut& null() { return raw("null"); }

  /// Bytes that are JSON already.
  JsonOut& raw(std::string_view json);

  template <class T>
  JsonOut& member(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }
  /// A text member that is null where the text is empty.
  JsonOut& text_or_null(std::string_view name, std::string_view text);

 private:
  JsonOut& open(char bracket);
  JsonOut& close(char bracket);
  JsonOut& integer(std::int64_t number);
  void separate();

  std::string& out_;
  bool comma_ = false;
};

}  // namespace evidenced::api
