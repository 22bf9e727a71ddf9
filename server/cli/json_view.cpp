#include "server/cli/json_view.hpp"

#include <algorithm>

namespace evidenced::cli {
namespace {

bool is_scalar(const JsonText& value) {
  return !value.is_object() && !value.is_array();
}

void append_compact(std::string& out, const JsonText& value) {
  if (is_scalar(value)) {
    out += value.raw;
    return;
  }
  out += value.is_object() ? '{' : '[';
  bool first = true;
  for (const JsonText& item : value.items) {
    if (!first) out += ',';
    first = false;
    if (value.is_object()) {
      out += item.name;
      out += ':';
    }
    append_compact(out, item);
  }
  out += value.is_object() ? '}' : ']';
}

/// The name of a member, decoded.
std::string name_of(const JsonText& member) {
  JsonText name;
  name.type = JsonText::Type::string;
  name.raw = member.name;
  return name.text();
}

void flatten(const std::string& prefix, const JsonText& object,
             std::vector<std::pair<std::string, std::string>>& out) {
  for (const JsonText& member : object.items) {
    const std::string path = prefix + name_of(member);
    if (member.is_object()) {
      flatten(path + ".", member, out);
    } else if (!member.is_array() || std::ranges::all_of(member.items, is_scalar)) {
      out.emplace_back(path, shown(&member));
    }
  }
}

}  // namespace

const JsonText* at_path(const JsonText& value, std::string_view path) {
  const JsonText* at = &value;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = at->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

const std::vector<JsonText>& items_of(const JsonText* value) {
  static const std::vector<JsonText> none;
  return value != nullptr && value->is_array() ? value->items : none;
}

std::string shown(const JsonText* value) {
  if (value == nullptr || value->type == JsonText::Type::null) return "";
  if (value->type == JsonText::Type::string) return value->text();
  if (is_scalar(*value)) return std::string(value->raw);
  if (value->is_object() || !std::ranges::all_of(value->items, is_scalar)) return compact(*value);
  std::string joined;
  for (const JsonText& item : value->items) {
    if (!joined.empty()) joined += ", ";
    joined += shown(&item);
  }
  return joined;
}

std::string compact(const JsonText& value) {
  std::string out;
  append_compact(out, value);
  return out;
}

std::vector<std::pair<std::string, std::string>> flattened(const JsonText& object) {
  std::vector<std::pair<std::string, std::string>> out;
  flatten("", object, out);
  return out;
}

}  // namespace evidenced::cli
