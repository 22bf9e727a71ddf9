#include "connector/bitbucket/page_shape.hpp"

#include "connector/bitbucket/known_words.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::size_t name_limit = 64;
constexpr std::size_t usual_nodes = 128;

struct TypeName {
  ShapeType type;
  std::string_view word;
};
constexpr TypeName type_names[] = {{shape_boolean, "boolean"},
                                   {shape_number, "number"},
                                   {shape_string, "string"},
                                   {shape_array, "array"},
                                   {shape_object, "object"}};

/// Objects with any keys at all: what stands in them says nothing of the schema. The changes of an
/// activity have the names of what changed.
constexpr std::string_view maps[] = {"links", "rendered", "properties", "changes"};

bool is_map(std::string_view name) {
  return std::ranges::find(maps, name) != std::end(maps);
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Whether a schema would have such a name: an address or a sentence is a key of data.
bool is_schema_name(std::string_view name) {
  return !name.empty() && name.size() <= name_limit && std::ranges::all_of(name, is_plain);
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= name_limit &&
         std::ranges::all_of(text, [](char c) { return is_plain(c) || c == ' ' || c == ':'; });
}

std::string_view unquoted(std::string_view text) {
  return text.size() < 2 ? std::string_view() : text.substr(1, text.size() - 2);
}

/// Index of a type in type_names, for all types but null.
std::size_t index_of(JsonText::Type type) {
  switch (type) {
    case JsonText::Type::boolean:
      return 0;
    case JsonText::Type::number:
      return 1;
    case JsonText::Type::string:
      return 2;
    case JsonText::Type::array:
      return 3;
    default:
      return 4;
  }
}

}  // namespace

std::string shape_words(std::uint8_t types) {
  std::string words;
  for (const TypeName& name : type_names) {
    if ((types & name.type) == 0) continue;
    if (!words.empty()) words += " or ";
    words += name.word;
  }
  return words;
}

ShapeReader::ShapeReader(std::string_view kind) : kind_(kind) {
  shape_.nodes.reserve(usual_nodes);
  shape_.nodes.emplace_back();
}

void ShapeReader::add(const JsonText& object, std::uint32_t number) {
  number_ = number;
  note(0, object, 0);
}

void ShapeReader::note(std::uint32_t index, const JsonText& value, int depth) {
  PageShape::Node& node = shape_.nodes[index];
  if (node.seen++ == 0) node.first = number_;
  if (value.type == JsonText::Type::null) {
    if (node.nulls++ == 0) node.first_null = number_;
    return;
  }
  const std::size_t type = index_of(value.type);
  const auto bit = static_cast<std::uint8_t>(1U << type);
  if ((node.types & bit) == 0) {
    node.types |= bit;
    node.first_of_type[type] = number_;
  }
  if (node.watched) note_word(node, value);
  if (depth >= shape_depth_limit) return;
  if (value.is_object()) {
    ++node.objects;
    if (!is_map(node.name)) note_members(index, value, depth + 1);
  } else if (value.is_array() && !value.items.empty()) {
    const std::uint32_t items = child(index, "[]", node.first_child);
    if (items == 0) return;
    for (const JsonText& item : value.items) note(items, item, depth + 1);
  }
}

/// Objects of one list have their members in the same order: the next one is where it was found.
void ShapeReader::note_members(std::uint32_t index, const JsonText& object, int depth) {
  std::uint32_t hint = shape_.nodes[index].first_child;
  for (const JsonText& member : object.items) {
    const std::uint32_t found = child(index, unquoted(member.name), hint);
    if (found == 0) continue;
    note(found, member, depth);
    hint = shape_.nodes[found].next;
  }
}

std::uint32_t ShapeReader::child(std::uint32_t parent, std::string_view name, std::uint32_t hint) {
  if (hint != 0 && shape_.nodes[hint].name == name) return hint;
  for (std::uint32_t i = shape_.nodes[parent].first_child; i != 0; i = shape_.nodes[i].next) {
    if (shape_.nodes[i].name == name) return i;
  }
  return make(parent, name);
}

std::uint32_t ShapeReader::make(std::uint32_t parent, std::string_view name) {
  const bool full = shape_.nodes.size() >= shape_nodes_limit ||
                    shape_.nodes[parent].children >= shape_children_limit;
  if (full || (name != "[]" && !is_schema_name(name))) return 0;
  const auto index = static_cast<std::uint32_t>(shape_.nodes.size());
  PageShape::Node node;
  node.name = name;
  node.parent = parent;
  node.watched = name == "type" || may_hold_words(kind_, name);
  shape_.nodes.push_back(std::move(node));
  PageShape::Node& above = shape_.nodes[parent];
  ++above.children;
  if (above.first_child == 0) above.first_child = index;
  if (above.last_child != 0) shape_.nodes[above.last_child].next = index;
  above.last_child = index;
  return index;
}

void ShapeReader::note_word(PageShape::Node& node, const JsonText& value) const {
  if (value.type != JsonText::Type::string) return;
  const std::string_view text = unquoted(value.raw);
  const auto said = [](std::string_view wanted) {
    return [wanted](const PageShape::Word& word) { return word.text == wanted; };
  };
  const std::string_view kept = is_word(text) ? text : std::string_view();
  if (std::ranges::any_of(node.words, said(kept))) return;
  if (node.words.size() < shape_words_limit) node.words.push_back({std::string(kept), number_});
}

}  // namespace evidenced::connector::bitbucket
