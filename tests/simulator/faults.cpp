#include "tests/simulator/faults.hpp"

#include <boost/json/value.hpp>

#include <array>
#include <utility>

namespace evidenced::simulator {

std::vector<std::string> hostile_links(std::string_view origin) {
  const std::string host(origin.substr(origin.find("//") + 2));
  return {
      "https://evil.example.com/2.0/user",
      "http://" + host + "/2.0/user",
      "https://" + host + "@evil.example.com/2.0/user",
      "https://user:pass@" + host + "/2.0/user",
      "https://" + host + ":8443/2.0/user",
      "https://" + host + ".evil.example.com/2.0/user",
      "https://" + host + "%2eevil.example.com/2.0/user",
      "//evil.example.com/2.0/user",
      "\\\\evil.example.com\\2.0\\user",
      "https:\\\\evil.example.com/2.0/user",
      "https://" + host + "\\@evil.example.com/2.0/user",
      "https://" + host + "/2.0/../admin",
      "https://" + host + "/2.0/%2e%2e/admin",
      "https://" + host + "/internal/2.0/user",
      "https://" + host + "/2.0/user\r\nX-Injected: yes",
      "https://" + host + "/2.0/user HTTP/1.1\r\nHost: evil.example.com\r\n\r\n",
      "https://" + host + "/2.0/user#\n",
      "javascript:alert(1)",
      "file:///etc/passwd",
      "ftp://" + host + "/2.0/user",
      "https:///2.0/user",
      "https://" + host + "\t/2.0/user",
      "https://[::1]/2.0/user",
      "https://0x7f000001/2.0/user",
  };
}

namespace {

namespace json = boost::json;

void bend_member(const Fault& fault, json::object& object, std::string_view name) {
  json::value* value = object.if_contains(name);
  if (fault.kind == FaultKind::add_field) object[name] = fault.text;
  if (value == nullptr) return;
  if (fault.kind == FaultKind::drop_field) object.erase(name);
  if (fault.kind == FaultKind::null_field) *value = nullptr;
  if (fault.kind == FaultKind::set_field) *value = fault.text;
  if (fault.kind != FaultKind::retype_field) return;
  if (value->is_number()) {
    *value = "1";
  } else {
    *value = 1;
  }
}

void bend_at(const Fault& fault, json::value& value, std::string_view path) {
  if (json::array* items = value.if_array()) {
    for (json::value& item : *items) bend_at(fault, item, path);
  }
  json::object* object = value.if_object();
  if (object == nullptr) return;
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    bend_member(fault, *object, path);
  } else if (json::value* inner = object->if_contains(path.substr(0, dot))) {
    bend_at(fault, *inner, path.substr(dot + 1));
  }
}

}  // namespace

void bend_fields(const Fault& fault, json::object& body) {
  if (fault.field.empty()) return;
  if (json::value* values = body.if_contains("values")) {
    bend_at(fault, *values, fault.field);
    return;
  }
  json::value whole(std::move(body));
  bend_at(fault, whole, fault.field);
  body = std::move(whole.get_object());
}

std::string_view fault_name(FaultKind kind) {
  static constexpr std::array<std::pair<FaultKind, std::string_view>, 28> names{{
      {FaultKind::status, "status"},
      {FaultKind::unauthorized, "unauthorized"},
      {FaultKind::forbidden, "forbidden"},
      {FaultKind::empty_list, "empty_list"},
      {FaultKind::not_json, "not_json"},
      {FaultKind::self_loop, "self_loop"},
      {FaultKind::two_cycle, "two_cycle"},
      {FaultKind::ever_new_cursor, "ever_new_cursor"},
      {FaultKind::foreign_next, "foreign_next"},
      {FaultKind::no_next, "no_next"},
      {FaultKind::string_values, "string_values"},
      {FaultKind::no_type, "no_type"},
      {FaultKind::oversize, "oversize"},
      {FaultKind::add_field, "add_field"},
      {FaultKind::drop_field, "drop_field"},
      {FaultKind::null_field, "null_field"},
      {FaultKind::retype_field, "retype_field"},
      {FaultKind::set_field, "set_field"},
      {FaultKind::announce, "announce"},
      {FaultKind::reset_before, "reset_before"},
      {FaultKind::reset_mid_body, "reset_mid_body"},
      {FaultKind::truncate, "truncate"},
      {FaultKind::slow, "slow"},
      {FaultKind::never, "never"},
      {FaultKind::gzip_truncate, "gzip_truncate"},
      {FaultKind::gzip_corrupt, "gzip_corrupt"},
      {FaultKind::gzip_bomb, "gzip_bomb"},
      {FaultKind::action, "action"},
  }};
  for (const auto& [known, name] : names) {
    if (known == kind) return name;
  }
  return "";
}

}  // namespace evidenced::simulator
