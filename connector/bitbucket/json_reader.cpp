#include "config/utf8.hpp"
#include "connector/bitbucket/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr int max_depth = 64;

/// Eight bytes at once: whether one of them is a quote, a backslash, a control character or not
/// ASCII.
bool all_plain(const char* at) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  const std::uint64_t below_space = (word - ones * 0x20) & ~word & highs;
  return ((word & highs) | has_zero(word ^ (ones * '"')) | has_zero(word ^ (ones * '\\')) |
          below_space) == 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/// Recursive descent, bounded by max_depth. The values of open containers wait on one stack, so
/// that each container is allocated once, in its final size.
class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  Result<JsonText> read() {
    JsonText value;
    skip_space();
    if (read_value(value, 0)) {
      skip_space();
      if (at_ == end_) return value;
      refuse("something follows the value");
    }
    if (values_ > json_values_limit) {
      return fail("upstream.oversized",
                  fmt::format("the answer has more than {} values", json_values_limit));
    }
    return fail("upstream.invalid_json",
                fmt::format("no JSON at byte {}: {}", at_ - begin_, problem_));
  }

 private:
  bool refuse(const char* problem) {
    problem_ = problem;
    return false;
  }

  bool next_is(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool read_value(JsonText& value, int depth) {
    if (at_ == end_) return refuse("the text ends early");
    if (++values_ > json_values_limit) return refuse("too many values");
    switch (*at_) {
      case '{':
        return read_object(value, depth + 1);
      case '[':
        return read_array(value, depth + 1);
      case '"':
        value.type = JsonText::Type::string;
        return read_string(value.raw);
      case 't':
        return read_word(value, "true", JsonText::Type::boolean);
      case 'f':
        return read_word(value, "false", JsonText::Type::boolean);
      case 'n':
        return read_word(value, "null", JsonText::Type::null);
      default:
        return read_number(value);
    }
  }

  bool read_word(JsonText& value, std::string_view word, JsonText::Type type) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    if (std::string_view(at_, std::min(left, word.size())) != word) {
      return refuse("an unknown word");
    }
    value.type = type;
    value.raw = std::string_view(at_, word.size());
    at_ += word.size();
    return true;
  }

  bool read_digits() {
    const char* first = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != first || refuse("a digit is missing");
  }

  bool read_number(JsonText& value) {
    const char* first = at_;
    if (next_is('-') && at_ == end_) return refuse("a digit is missing");
    if (!is_digit(*at_)) return refuse("no value starts like this");
    if (!next_is('0') && !read_digits()) return false;
    if (next_is('.') && !read_digits()) return false;
    if (at_ != end_ && (*at_ | 0x20) == 'e') {
      ++at_;
      if (!next_is('+')) next_is('-');
      if (!read_digits()) return false;
    }
    value.type = JsonText::Type::number;
    value.raw = std::string_view(first, static_cast<std::size_t>(at_ - first));
    return true;
  }

  bool read_escape() {
    if (end_ - at_ < 2) return refuse("the text ends early");
    const char kind = at_[1];
    if (kind != 'u') {
      if (std::strchr("\"\\/bfnrt", kind) == nullptr || kind == 0) {
        return refuse("an unknown escape");
      }
      at_ += 2;
      return true;
    }
    for (int i = 2; i < 6; ++i) {
      if (end_ - at_ <= i || !is_hex(at_[i])) return refuse("an escape lacks a digit");
    }
    at_ += 6;
    return true;
  }

  bool read_string(std::string_view& raw) {
    const char* first = at_++;
    while (true) {
      while (end_ - at_ >= 8 && all_plain(at_)) at_ += 8;
      if (at_ == end_) return refuse("a string does not end");
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') break;
      if (c < 0x20) return refuse("a control character in a string");
      if (c == '\\') {
        if (!read_escape()) return false;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const CodePoint point = first_code_point({at_, static_cast<std::size_t>(end_ - at_)});
        if (!point.valid) return refuse("a string is not UTF-8");
        at_ += point.size;
      }
    }
    ++at_;
    raw = std::string_view(first, static_cast<std::size_t>(at_ - first));
    return true;
  }

  /// Moves what was read since `mark` into its container.
  void close(JsonText& value, std::size_t mark) {
    const auto first = open_.begin() + static_cast<std::ptrdiff_t>(mark);
    value.items.assign(std::make_move_iterator(first), std::make_move_iterator(open_.end()));
    open_.resize(mark);
  }

  bool read_array(JsonText& value, int depth) {
    if (depth > max_depth) return refuse("nested too deep");
    ++at_;
    value.type = JsonText::Type::array;
    const std::size_t mark = open_.size();
    skip_space();
    if (next_is(']')) return true;
    while (true) {
      JsonText item;
      skip_space();
      if (!read_value(item, depth)) return false;
      open_.push_back(std::move(item));
      skip_space();
      if (next_is(']')) break;
      if (!next_is(',')) return refuse("a comma or a bracket is missing");
    }
    close(value, mark);
    return true;
  }

  bool read_object(JsonText& value, int depth) {
    if (depth > max_depth) return refuse("nested too deep");
    ++at_;
    value.type = JsonText::Type::object;
    const std::size_t mark = open_.size();
    skip_space();
    if (next_is('}')) return true;
    while (true) {
      JsonText member;
      skip_space();
      if (at_ == end_ || *at_ != '"') return refuse("a member's name is missing");
      if (!read_string(member.name)) return false;
      skip_space();
      if (!next_is(':')) return refuse("a colon is missing");
      skip_space();
      if (!read_value(member, depth)) return false;
      open_.push_back(std::move(member));
      skip_space();
      if (next_is('}')) break;
      if (!next_is(',')) return refuse("a comma or a brace is missing");
    }
    close(value, mark);
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* problem_ = "";
  std::size_t values_ = 0;
  std::vector<JsonText> open_;
};

}  // namespace

Result<JsonText> read_json(std::string_view bytes) {
  return Reader(bytes).read();
}

}  // namespace evidenced::connector::bitbucket
