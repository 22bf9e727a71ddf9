#include "api/target.hpp"

#include "api/strict_time.hpp"
#include "config/ascii.hpp"
#include "config/redact.hpp"
#include "config/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace evidenced::api {
namespace {

using Kind = Parameter::Kind;

bool utf8_valid(std::string_view text) {
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (!next.valid) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<Timestamp> parse_time_value(std::string text) {
  // A '+' that was sent without encoding has become a blank: give the zone its sign back.
  std::ranges::replace(text, ' ', '+');
  return parse_strict_time(text);
}

bool listed(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t end = std::min(choices.find(','), choices.size());
    if (choices.substr(0, end) == value) return true;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

/// What the parameter must be, in words; "" when the value is that.
std::string refusal(const Parameter& parameter, const std::string& value) {
  switch (parameter.kind) {
    case Kind::text:
      return value.empty() ? "must not be empty" : "";
    case Kind::count: {
      const auto number = parse_count(value);
      if (!number) return "must be a number, not negative";
      if (*number >= parameter.minimum) return "";
      return fmt::format("must be at least {}", parameter.minimum);
    }
    case Kind::flag:
      return value == "true" || value == "false" ? "" : "must be true or false";
    case Kind::time:
      return parse_time_value(value) ? "" : "must be a time such as 2026-11-24T05:09:25Z";
    case Kind::position:
      return parse_count(value) || parse_time_value(value)
                 ? ""
                 : "must be a time such as 2026-11-24T05:09:25Z, or a feed position";
    case Kind::choice:
      return listed(parameter.choices, value)
                 ? ""
                 : fmt::format("must be one of: {}", parameter.choices);
  }
  return "";
}

struct Refusals {
  std::vector<FieldError> fields;

  void add(std::string_view name, std::string_view code, std::string detail) {
    fields.push_back({fmt::format("?{}", name), std::string(code), std::move(detail)});
  }
};

Error refused(std::vector<FieldError> fields) {
  Error error;
  error.code = Code::from_stored(fields.front().code);
  error.detail = fmt::format("{} {}", fields.front().pointer, fields.front().detail);
  error.fields = std::move(fields);
  return error;
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t number = 0;
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = at == text.data() + text.size() && !text.starts_with('-');
  // Larger than any number here: whatever it counts, it is the most there can be.
  if (ec == std::errc::result_out_of_range && whole) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (ec != std::errc() || at != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Result<Query> Query::read(std::string_view text, std::span<const Parameter> known) {
  Query query;
  Refusals refusals;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) {
      refusals.add("", "request.malformed", "has an escape or a character that cannot be read");
      continue;
    }
    const auto parameter = std::ranges::find(known, *name, &Parameter::name);
    if (parameter == known.end()) {
      refusals.add(*name, "request.unknown_field", "is not a parameter of this resource");
    } else if (!parameter->repeated && query.has(*name)) {
      refusals.add(*name, "request.invalid_field", "is sent more than once");
    } else if (std::string why = refusal(*parameter, *value); !why.empty()) {
      refusals.add(*name, "request.invalid_field", std::move(why));
    } else {
      query.values_.emplace_back(*name, *value);
    }
  }
  if (!refusals.fields.empty()) return std::unexpected(refused(std::move(refusals.fields)));
  return query;
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : values_) {
    if (key == name) found.push_back(value);
  }
  return found;
}

bool Query::has(std::string_view name) const {
  return std::ranges::any_of(values_, [&](const auto& pair) { return pair.first == name; });
}

std::string Query::text(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return "";
}

bool Query::flag(std::string_view name) const {
  return text(name) == "true";
}

std::optional<std::int64_t> Query::count(std::string_view name) const {
  return has(name) ? parse_count(text(name)) : std::nullopt;
}

std::optional<Timestamp> Query::time(std::string_view name) const {
  return has(name) ? parse_time_value(text(name)) : std::nullopt;
}

namespace {

/// How much, from where, how long: not which.
constexpr std::string_view pages_words[] = {"limit", "cursor", "after", "wait"};

}  // namespace

std::string Query::filters() const {
  auto sorted = values_;
  std::ranges::sort(sorted);
  std::string filters;
  for (const auto& [name, value] : sorted) {
    if (std::ranges::find(pages_words, name) != std::end(pages_words)) continue;
    if (!filters.empty()) filters += '&';
    filters += name;
    filters += '=';
    filters += percent_encode(value);
  }
  return filters;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::string_view query_of(std::string_view target) {
  const std::size_t at = target.find('?');
  return at == std::string_view::npos ? std::string_view() : target.substr(at + 1);
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '+' && plus_is_space) c = ' ';
    if (c == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[at + 1]), low = hex_value(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      at += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    decoded += c;
  }
  if (!utf8_valid(decoded)) return std::nullopt;
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (unreserved.contains(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Begins as an API key does: `ev_`, ten characters, `_` and a long secret (storage/key_store.hpp).
bool is_key_like(std::string_view text) {
  constexpr std::size_t secret = 14;
  constexpr std::size_t least = 20;
  return text.size() >= secret + least && text[secret - 1] == '_' &&
         std::ranges::all_of(text.substr(secret, least), is_letter_or_digit);
}

}  // namespace

bool key_in_target(std::string_view target) {
  constexpr std::string_view names[] = {"api_key", "apikey",        "access_token", "token",
                                        "key",     "authorization", "bearer"};
  for (std::size_t at = target.find("ev_"); at != std::string_view::npos;
       at = target.find("ev_", at + 1)) {
    if (is_key_like(target.substr(at))) return true;
  }
  std::string_view query = query_of(target);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::string name = to_lower(pair.substr(0, pair.find('=')));
    if (std::ranges::find(names, name) != std::end(names)) return true;
  }
  return false;
}

std::string_view instance_of(std::string_view target) {
  constexpr std::size_t longest_instance = 1000;
  const std::string_view path = path_of(target);
  constexpr std::string_view marks = "/-._~%!$&'()*+,;=:@";
  const bool reference =
      path.starts_with('/') && std::ranges::all_of(path, [&](unsigned char c) {
        return (c < 0x80 && std::isalnum(c) != 0) || marks.contains(static_cast<char>(c));
      });
  const bool shown = reference && path.size() <= longest_instance && !key_in_target(target) &&
                     redact(path) == path;
  return shown ? path : std::string_view();
}

}  // namespace evidenced::api
