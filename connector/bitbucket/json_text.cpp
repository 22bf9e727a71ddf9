#include "connector/bitbucket/json_text.hpp"

#include "config/utf8.hpp"
#include "connector/bitbucket/json_escapes.hpp"

#include <algorithm>
#include <charconv>

namespace evidenced::connector::bitbucket {

namespace {

std::string_view inside(std::string_view quoted_text) {
  return quoted_text.substr(1, quoted_text.size() - 2);
}

bool has_escape(std::string_view text) {
  return text.find('\\') != std::string_view::npos;
}

/// Decoded for comparison: lone surrogates stay apart (as WTF-8), so that no two names fall into
/// one.
std::string comparable(std::string_view name) {
  return decode_escapes(inside(name), LoneSurrogate::as_three_bytes);
}

bool name_less(std::string_view a, std::string_view b) {
  if (!has_escape(a) && !has_escape(b)) return inside(a) < inside(b);
  return comparable(a) < comparable(b);
}

/// Writes canonical bytes. One index stack serves all levels: no allocation for each object.
class Writer {
 public:
  void write(const JsonText& value) {
    switch (value.type) {
      case JsonText::Type::array:
        write_array(value);
        break;
      case JsonText::Type::object:
        write_object(value);
        break;
      default:
        out += value.raw;
    }
  }

  std::string out;

 private:
  void write_array(const JsonText& value) {
    out += '[';
    for (const JsonText& item : value.items) {
      if (&item != value.items.data()) out += ',';
      write(item);
    }
    out += ']';
  }

  void write_object(const JsonText& value) {
    const auto begin = order_.size();
    for (const JsonText& member : value.items) order_.push_back(&member);
    const auto first = order_.begin() + static_cast<std::ptrdiff_t>(begin);
    std::sort(first, order_.end(), [](const JsonText* a, const JsonText* b) {
      if (name_less(a->name, b->name)) return true;
      return !name_less(b->name, a->name) && a < b;
    });
    const auto end = order_.size();
    out += '{';
    bool written = false;
    for (auto i = begin; i < end; ++i) {
      const JsonText* member = order_[i];
      const bool repeated = i + 1 < end && !name_less(member->name, order_[i + 1]->name);
      if (repeated) continue;
      if (written) out += ',';
      written = true;
      out += member->name;
      out += ':';
      write(*member);
    }
    out += '}';
    order_.resize(begin);
  }

  std::vector<const JsonText*> order_;
};

}  // namespace

bool JsonText::named(std::string_view wanted) const {
  if (name.size() < 2) return false;
  if (inside(name) == wanted) return true;
  return has_escape(name) && comparable(name) == wanted;
}

const JsonText* JsonText::find(std::string_view wanted) const {
  if (type != Type::object) return nullptr;
  for (auto member = items.rbegin(); member != items.rend(); ++member) {
    if (member->named(wanted)) return &*member;
  }
  return nullptr;
}

std::string JsonText::text() const {
  if (type != Type::string) return {};
  return decode_escapes(inside(raw), LoneSurrogate::as_replacement);
}

std::optional<std::int64_t> JsonText::integer() const {
  if (type != Type::number) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return number;
}

std::optional<bool> JsonText::boolean() const {
  if (type != Type::boolean) return std::nullopt;
  return raw == "true";
}

std::string canonical(const JsonText& value) {
  Writer writer;
  writer.write(value);
  return std::move(writer.out);
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  append_escaped(out, text);
  out += '"';
  return out;
}

}  // namespace evidenced::connector::bitbucket
