#include "tests/simulator/fields.hpp"

#include <utility>

namespace evidenced::simulator {

namespace json = boost::json;

Fields::Node& Fields::Node::child(std::string_view wanted) {
  for (Node& known : children) {
    if (known.name == wanted) return known;
  }
  children.emplace_back();
  children.back().name = wanted;
  return children.back();
}

const Fields::Node* Fields::Node::find(std::string_view wanted) const {
  const Node* exact = nullptr;
  const Node* any = nullptr;
  for (const Node& known : children) {
    if (known.name == wanted) exact = &known;
    if (known.name == "*") any = &known;
  }
  if (exact == nullptr) return any;
  // `*` discovers what is hidden by default.
  const bool discovered = exact->mark == Mark::hidden && any != nullptr && any->mark == Mark::show;
  return discovered ? any : exact;
}

Fields::Fields(std::string_view text, std::span<const std::string_view> hidden) {
  for (const std::string_view path : hidden) add(path, Mark::hidden);
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item.empty()) continue;
    if (item.front() == '-') {
      add(item.substr(1), Mark::hide);
    } else if (item.front() == '+') {
      add(item.substr(1), Mark::show);
    } else {
      shown_ = false;
      add(item, Mark::show);
    }
  }
}

void Fields::add(std::string_view path, Mark mark) {
  Node* node = &root_;
  while (true) {
    const std::size_t dot = path.find('.');
    node = &node->child(path.substr(0, dot));
    if (mark == Mark::show) node->asked = true;
    if (dot == std::string_view::npos) break;
    // A member below a hidden one opens only that one.
    if (mark == Mark::show && node->mark == Mark::hidden) node->mark = Mark::closed;
    path = path.substr(dot + 1);
  }
  node->mark = mark;
}

bool Fields::member(const Node& node, std::string_view name, bool shown, const json::value& full,
                    json::value& out) {
  const Node* child = node.find(name);
  if (child == nullptr) {
    if (shown) out = full;
    return shown;
  }
  if (child->mark == Mark::hide || child->mark == Mark::hidden) return false;
  if (!shown && !child->asked) return false;
  if (child->mark == Mark::show) shown = true;
  if (child->mark == Mark::closed) shown = false;
  out = filtered(*child, shown, full);
  if (shown) return true;
  const bool empty = out.is_object() ? out.get_object().empty() : !out.is_array();
  return !empty || full.is_null();
}

json::value Fields::filtered(const Node& node, bool shown, const json::value& full) {
  if (node.children.empty() && shown) return full;
  if (full.is_array()) {
    json::array list;
    for (const json::value& entry : full.get_array()) list.push_back(filtered(node, shown, entry));
    return list;
  }
  if (!full.is_object()) return shown ? full : json::value(nullptr);
  json::object object;
  for (const auto& [name, value] : full.get_object()) {
    json::value out;
    if (member(node, name, shown, value, out)) object.emplace(name, std::move(out));
  }
  return object;
}

json::value Fields::apply(const json::value& full) const {
  return filtered(root_, shown_, full);
}

bool Fields::shows(std::string_view name) const {
  const Node* child = root_.find(name);
  if (child == nullptr) return shown_;
  if (child->mark == Mark::hide || child->mark == Mark::hidden) return false;
  return shown_ || child->asked;
}

json::value Fields::apply_entry(std::string_view name, const json::value& entry) const {
  const Node* child = root_.find(name);
  if (child == nullptr) return shown_ ? entry : json::value(nullptr);
  const bool shown = shown_ || child->mark == Mark::show;
  return filtered(*child, shown && child->mark != Mark::closed, entry);
}

}  // namespace evidenced::simulator
