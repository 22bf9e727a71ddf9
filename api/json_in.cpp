#include "api/json_in.hpp"

#include "api/limits.hpp"
#include "config/secret.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace evidenced::api {
namespace {

namespace json = boost::json;

/// What Boost's parser calls while it reads: builds the tree, and knows at each moment where in the
/// document it stands.
class Handler {
 public:
  // Our own limits are checked here, where the place is known; the parser's are out of the way.
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code& ec) { return open(Json::Type::array, ec); }
  bool on_array_end(std::size_t, json::error_code&) { return close(); }
  bool on_object_begin(json::error_code& ec) { return open(Json::Type::object, ec); }
  bool on_object_end(std::size_t, json::error_code&) {
    find_duplicates();
    return close();
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code& ec) {
    return collect(part, ec);
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    if (!collect(part, ec)) return false;
    Json& object = *stack_.back();
    if (object.members.size() == limits::json_keys) return refuse("has too many members", ec);
    object.members.emplace_back(std::exchange(text_, {}), Json{});
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code& ec) {
    return collect(part, ec);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    if (!collect(part, ec)) return false;
    Json* value = place(ec);
    if (value == nullptr) return false;
    value->type = Json::Type::string;
    value->text = std::exchange(text_, {});
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    number_ += std::string_view(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    number_.clear();
    Json* value = place(ec);
    if (value == nullptr) return false;
    value->type = Json::Type::integer;
    value->integer = number;
    value->number = static_cast<double>(number);
    return true;
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) {
    return place(ec) != nullptr && refuse("is too large an integer", ec);
  }
  bool on_double(double number, json::string_view part, json::error_code& ec) {
    number_ += std::string_view(part.data(), part.size());
    const std::string spelling = std::exchange(number_, {});
    Json* value = place(ec);
    if (value == nullptr) return false;
    if (!std::isfinite(number)) return refuse("is too large a number", ec);
    if (spelling.find_first_of(".eE") == std::string::npos) {
      return refuse("is too large an integer", ec);
    }
    value->type = Json::Type::number;
    value->number = number;
    return true;
  }
  bool on_bool(bool flag, json::error_code& ec) {
    Json* value = place(ec);
    if (value == nullptr) return false;
    value->type = Json::Type::boolean;
    value->boolean = flag;
    return true;
  }
  bool on_null(json::error_code& ec) { return place(ec) != nullptr; }
  bool on_comment_part(json::string_view, json::error_code&) { return false; }
  bool on_comment(json::string_view, json::error_code&) { return false; }

  /// Where reading stands, as a pointer.
  std::string pointer() const {
    std::string pointer;
    for (const Json* level : stack_) {
      if (level->type == Json::Type::object) {
        if (!level->members.empty()) append_pointer(pointer, level->members.back().first);
      } else if (!level->items.empty()) {
        append_pointer(pointer, std::to_string(level->items.size() - 1));
      }
    }
    return pointer;
  }
  const std::string& refusal() const { return refusal_; }
  void forget() { wipe(text_); }

  Json root;
  std::vector<FieldError> errors;

 private:
  bool refuse(std::string_view why, json::error_code& ec) {
    refusal_ = why;
    ec = json::error::syntax;
    return false;
  }

  bool collect(json::string_view part, json::error_code& ec) {
    if (text_.size() + part.size() > limits::json_string) return refuse("is too long", ec);
    const std::string_view bytes(part.data(), part.size());
    if (bytes.find('\0') != std::string_view::npos) return refuse("has a NUL character", ec);
    text_ += bytes;
    return true;
  }

  /// The value that comes next.
  Json* place(json::error_code& ec) {
    if (++values_ > limits::json_values) {
      refuse("has too many values", ec);
      return nullptr;
    }
    if (stack_.empty()) return &root;
    Json& parent = *stack_.back();
    if (parent.type == Json::Type::object) return &parent.members.back().second;
    return &parent.items.emplace_back();
  }

  bool open(Json::Type type, json::error_code& ec) {
    Json* value = place(ec);
    if (value == nullptr) return false;
    if (stack_.size() == limits::json_depth) return refuse("is nested too deeply", ec);
    value->type = type;
    stack_.push_back(value);
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  void find_duplicates() {
    const auto& members = stack_.back()->members;
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& member : members) names.push_back(member.first);
    std::ranges::sort(names);
    std::string parent = pointer();
    parent.resize(members.empty() ? parent.size() : parent.rfind('/'));
    for (auto at = std::ranges::adjacent_find(names); at != names.end();
         at = std::adjacent_find(std::upper_bound(at, names.end(), *at), names.end())) {
      if (errors.size() == limits::errors_in_an_answer) return;
      std::string place = parent;
      append_pointer(place, *at);
      errors.push_back({place, "request.duplicate_key", "is sent more than once"});
    }
  }

  std::vector<Json*> stack_;
  std::string text_;
  std::string number_;
  std::string refusal_;
  std::size_t values_ = 0;
};

std::unexpected<Error> malformed(std::string pointer, const std::string& why) {
  Error error;
  error.code = "request.malformed";
  error.detail = "The body is not JSON that can be used: " + why;
  error.fields.push_back({std::move(pointer), "request.malformed", why});
  return std::unexpected(std::move(error));
}

}  // namespace

Json::~Json() {
  if (!text.empty()) wipe(text);
}

const Json* Json::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

Json* Json::find(std::string_view name) {
  return const_cast<Json*>(std::as_const(*this).find(name));
}

std::string Json::text_or(std::string_view name, std::string_view otherwise) const {
  const Json* member = find(name);
  const bool given = member != nullptr && member->type == Type::string;
  return given ? member->text : std::string(otherwise);
}

bool Json::boolean_or(std::string_view name, bool otherwise) const {
  const Json* member = find(name);
  return member != nullptr && member->type == Type::boolean ? member->boolean : otherwise;
}

std::vector<std::string> Json::texts(std::string_view name) const {
  std::vector<std::string> texts;
  const Json* member = find(name);
  if (member == nullptr) return texts;
  for (const Json& item : member->items) texts.push_back(item.text);
  return texts;
}

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

Result<JsonDocument> read_json(std::string_view body) {
  json::parse_options options;
  options.max_depth = limits::json_depth + 1;  // one deeper than ours, so that ours is met first
  json::basic_parser<Handler> parser(options);
  json::error_code ec;
  const std::size_t read = parser.write_some(false, body.data(), body.size(), ec);
  Handler& handler = parser.handler();
  handler.forget();
  if (ec) {
    const std::string why = handler.refusal().empty()
                                ? fmt::format("{} at byte {}", ec.message(), read)
                                : handler.refusal();
    return malformed(handler.pointer(), why);
  }
  if (read < body.size()) {
    return malformed("", fmt::format("there is more after the value, at byte {}", read));
  }
  return JsonDocument{std::move(handler.root), std::move(handler.errors)};
}

}  // namespace evidenced::api
