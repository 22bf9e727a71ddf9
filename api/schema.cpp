#include "api/schema.hpp"

#include "api/json_out.hpp"
#include "api/limits.hpp"
#include "api/strict_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace evidenced::api {
namespace {

using Type = Json::Type;

struct TypeName {
  std::string_view name;
  bool (*holds)(const Json&);
  std::string_view words;
};

constexpr TypeName type_names[] = {
    {"null", [](const Json& v) { return v.type == Type::null; }, "null"},
    {"boolean", [](const Json& v) { return v.type == Type::boolean; }, "true or false"},
    {"integer", [](const Json& v) { return v.type == Type::integer; }, "an integer"},
    {"number", [](const Json& v) { return v.type == Type::integer || v.type == Type::number; },
     "a number"},
    {"string", [](const Json& v) { return v.type == Type::string; }, "a string"},
    {"array", [](const Json& v) { return v.type == Type::array; }, "an array"},
    {"object", [](const Json& v) { return v.type == Type::object; }, "an object"},
};

struct FormatName {
  std::string_view name;
  bool (*holds)(const std::string&);
  std::string_view words;
};

constexpr FormatName format_names[] = {
    {"date-time", [](const std::string& text) { return parse_strict_time(text).has_value(); },
     "a time such as 2026-11-24T05:09:25.000Z (RFC 3339)"},
    {"duration", [](const std::string& text) { return parse_duration(text).has_value(); },
     "a duration such as PT1H (ISO 8601)"},
};

bool equal(const Json& a, const Json& b) {
  if (a.type != b.type) return false;
  return a.type == Type::string ? a.text == b.text
                                : a.integer == b.integer && a.boolean == b.boolean;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// What `type` asks for, in words; "" when the value has it.
std::string type_refusal(const Json& value, const Json& type) {
  std::string words;
  const auto one = [&](const Json& name) {
    const auto* row = std::ranges::find(type_names, name.text, &TypeName::name);
    if (row == std::end(type_names)) throw std::logic_error("unknown type " + name.text);
    if (row->holds(value)) return true;
    if (!words.empty()) words += " or ";
    words += row->words;
    return false;
  };
  if (type.type == Type::string) return one(type) ? "" : "must be " + words;
  for (const Json& name : type.items) {
    if (one(name)) return "";
  }
  return "must be " + words;
}

/// What `format` asks for, in words; "" when the value has it, or the format is only for reading.
std::string format_refusal(const Json& value, const Json& format) {
  const auto* row = std::ranges::find(format_names, format.text, &FormatName::name);
  if (row == std::end(format_names) || row->holds(value.text)) return "";
  return fmt::format("must be {}", row->words);
}

std::string enum_refusal(const Json& value, const Json& allowed) {
  std::string words;
  for (const Json& one : allowed.items) {
    if (equal(value, one)) return "";
    if (!words.empty()) words += ", ";
    words += one.is_null() ? "null" : one.text;
  }
  return "must be one of: " + words;
}

bool outside(std::int64_t size, const Json* least, const Json* most) {
  return (least != nullptr && size < least->integer) || (most != nullptr && size > most->integer);
}

std::string size_words(std::string_view what, const Json* least, const Json* most) {
  if (least == nullptr) return fmt::format("must have at most {} {}", most->integer, what);
  if (most == nullptr) return fmt::format("must have at least {} {}", least->integer, what);
  return fmt::format("must have {} to {} {}", least->integer, most->integer, what);
}

/// The first limit of size or range that the value breaks, in words; "" when none.
std::string range_refusal(const Json& value, const Json& schema) {
  if (value.type == Type::string) {
    const Json *least = schema.find("minLength"), *most = schema.find("maxLength");
    const auto size = static_cast<std::int64_t>(characters(value.text));
    if (outside(size, least, most)) return size_words("characters", least, most);
  }
  if (value.type == Type::array) {
    const Json *least = schema.find("minItems"), *most = schema.find("maxItems");
    const auto size = static_cast<std::int64_t>(value.items.size());
    if (outside(size, least, most)) return size_words("items", least, most);
  }
  if (value.type == Type::integer) {
    const Json *least = schema.find("minimum"), *most = schema.find("maximum");
    if (outside(value.integer, least, most)) return "is out of range";
  }
  return "";
}

std::string scalar_refusal(const Json& value, const Json& schema) {
  if (const Json* type = schema.find("type")) {
    if (std::string why = type_refusal(value, *type); !why.empty()) return why;
  }
  if (const Json* allowed = schema.find("enum")) {
    if (std::string why = enum_refusal(value, *allowed); !why.empty()) return why;
  }
  const Json* format = schema.find("format");
  if (format != nullptr && value.type == Type::string) {
    if (std::string why = format_refusal(value, *format); !why.empty()) return why;
  }
  return range_refusal(value, schema);
}

bool is_optional(const Json& schema, std::string_view name) {
  const Json* optional = schema.find("optional");
  return optional != nullptr &&
         std::ranges::find(optional->items, name, &Json::text) != optional->items.end();
}

/// Writes a schema in its long form.
void write_schema(JsonOut& out, const Json& schema);

void write_required(JsonOut& out, const Json& schema, const Json& properties) {
  out.key("required").begin_array();
  for (const auto& [name, unused] : properties.members) {
    if (!is_optional(schema, name)) out.value(name);
  }
  out.end_array();
  if (schema.find("additionalProperties") == nullptr) out.member("additionalProperties", false);
}

void write_member(JsonOut& out, const Json& schema, const std::string& name, const Json& value) {
  if (name == "optional") return;
  if (name == "$ref") {
    out.member("$ref", "#/components/schemas/" + value.text);
    return;
  }
  out.key(name);
  if (name != "properties") {
    write_schema(out, value);
    return;
  }
  out.begin_object();
  for (const auto& [property, shape] : value.members) {
    out.key(property);
    write_schema(out, shape);
  }
  out.end_object();
  write_required(out, schema, value);
}

void write_schema(JsonOut& out, const Json& schema) {
  switch (schema.type) {
    case Type::null:
      out.null();
      return;
    case Type::boolean:
      out.value(schema.boolean);
      return;
    case Type::integer:
      out.value(schema.integer);
      return;
    case Type::string:
      out.value(schema.text);
      return;
    case Type::array:
      out.begin_array();
      for (const Json& item : schema.items) write_schema(out, item);
      out.end_array();
      return;
    case Type::number:
    case Type::object:
      break;
  }
  out.begin_object();
  for (const auto& [name, value] : schema.members) write_member(out, schema, name, value);
  out.end_object();
}

}  // namespace

Schemas::Schemas() {
  for (const auto table :
       {source_schemas(), sync_schemas(), artifact_schemas(), report_schemas(), feed_schemas(),
        expiry_schemas(), hook_schemas(), key_schemas(), console_schemas(), system_schemas()}) {
    for (const SchemaText& row : table) {
      Result<JsonDocument> document = read_json(row.text);
      if (!document) {
        throw std::logic_error(fmt::format("schema {}: {}", row.name, document.error().detail));
      }
      schemas_.emplace_back(row.name, std::move(document->value));
    }
  }
}

std::vector<std::string_view> Schemas::names() const {
  std::vector<std::string_view> names;
  names.reserve(schemas_.size());
  for (const auto& [name, unused] : schemas_) names.push_back(name);
  return names;
}

const Json& Schemas::find(std::string_view name) const {
  for (const auto& [key, schema] : schemas_) {
    if (key == name) return schema;
  }
  throw std::logic_error(fmt::format("there is no schema {}", name));
}

std::vector<FieldError> Schemas::check(const Json& value, std::string_view name) const {
  std::vector<FieldError> errors;
  std::string pointer;
  check_at(value, find(name), pointer, errors);
  if (errors.size() > limits::errors_in_an_answer) errors.resize(limits::errors_in_an_answer);
  return errors;
}

void Schemas::check_at(const Json& value, const Json& schema, std::string& pointer,
                       std::vector<FieldError>& errors) const {
  if (const Json* reference = schema.find("$ref")) {
    check_at(value, find(reference->text), pointer, errors);
    return;
  }
  if (const Json* choices = schema.find("oneOf")) {
    std::vector<FieldError> last;
    for (const Json& choice : choices->items) {
      last.clear();
      check_at(value, choice, pointer, last);
      if (last.empty()) return;
    }
    // Errors deeper inside belong to the choice that was meant; else say what there is to choose.
    if (last.front().pointer != pointer) {
      std::ranges::move(last, std::back_inserter(errors));
    } else {
      errors.push_back({pointer, "request.invalid_field", schema.text_or("x-must")});
    }
    return;
  }
  if (std::string why = scalar_refusal(value, schema); !why.empty()) {
    errors.push_back({pointer, "request.invalid_field", std::move(why)});
    return;
  }
  if (value.type == Type::object) check_object(value, schema, pointer, errors);
  const Json* shape = schema.find("items");
  if (value.type != Type::array || shape == nullptr) return;
  const std::size_t length = pointer.size();
  for (std::size_t at = 0; at < value.items.size(); ++at) {
    append_pointer(pointer, std::to_string(at));
    check_at(value.items[at], *shape, pointer, errors);
    pointer.resize(length);
  }
}

void Schemas::check_object(const Json& value, const Json& schema, std::string& pointer,
                           std::vector<FieldError>& errors) const {
  const Json* properties = schema.find("properties");
  const Json* others = schema.find("additionalProperties");
  const std::size_t length = pointer.size();
  for (const auto& [name, member] : value.members) {
    const Json* shape = properties == nullptr ? nullptr : properties->find(name);
    if (shape == nullptr && others != nullptr && others->type == Type::object) shape = others;
    append_pointer(pointer, name);
    if (shape != nullptr) {
      check_at(member, *shape, pointer, errors);
    } else if (properties != nullptr && others == nullptr) {
      errors.push_back({pointer, "request.unknown_field", "is not known"});
    }
    pointer.resize(length);
  }
  if (properties == nullptr) return;
  for (const auto& [name, unused] : properties->members) {
    if (is_optional(schema, name) || value.find(name) != nullptr) continue;
    append_pointer(pointer, name);
    errors.push_back({pointer, "request.invalid_field", "is required"});
    pointer.resize(length);
  }
}

void Schemas::write(std::string& out, std::string_view name) const {
  JsonOut json(out);
  write_schema(json, find(name));
}

}  // namespace evidenced::api
