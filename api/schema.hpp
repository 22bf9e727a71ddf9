#pragma once

#include "api/json_in.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::api {

/// One named shape of a body, as JSON Schema in the house's short form: `$ref` is a bare name; an
/// object takes no members but its `properties`; all are required but those in `optional`.
/// The same text checks requests, appears in /openapi.json, and checks answers in the tests.
struct SchemaText {
  std::string_view name;
  std::string_view text;
};

/// The tables of schemas, one a family of resources.
std::span<const SchemaText> source_schemas();
std::span<const SchemaText> sync_schemas();
std::span<const SchemaText> artifact_schemas();
std::span<const SchemaText> report_schemas();
std::span<const SchemaText> feed_schemas();
std::span<const SchemaText> expiry_schemas();
std::span<const SchemaText> hook_schemas();
std::span<const SchemaText> key_schemas();
std::span<const SchemaText> console_schemas();
std::span<const SchemaText> system_schemas();

/// All schemas, read once.
class Schemas {
 public:
  Schemas();

  /// The names, in the order of the tables.
  std::vector<std::string_view> names() const;

  /// Every place where `value` does not have the shape: request.unknown_field or
  /// request.invalid_field with RFC 6901 pointers. `name` must exist.
  std::vector<FieldError> check(const Json& value, std::string_view name) const;

  /// The schema as OpenAPI 3.1 shows it.
  void write(std::string& out, std::string_view name) const;

 private:
  const Json& find(std::string_view name) const;
  void check_at(const Json& value, const Json& schema, std::string& pointer,
                std::vector<FieldError>& errors) const;
  void check_object(const Json& value, const Json& schema, std::string& pointer,
                    std::vector<FieldError>& errors) const;

  std::vector<std::pair<std::string_view, Json>> schemas_;
};

}  // namespace evidenced::api
