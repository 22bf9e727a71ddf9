#include "evidence/content.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace evidenced::evidence {

namespace json = boost::json;
using Path = std::initializer_list<std::string_view>;

json::value read_content(std::string_view content) {
  boost::system::error_code error;
  json::value value = json::parse(content, error);
  return error ? json::value() : value;
}

const json::value& ContentReader::read(std::string_view content) {
  value_.reset();
  // Made anew, not released: its blocks grow as long as it lives.
  memory_ = std::make_unique<json::monotonic_resource>(buffer_.data(), buffer_.size());
  boost::system::error_code error;
  value_.emplace(json::parse(content, error, memory_.get()));
  if (error) value_.emplace(nullptr);
  return *value_;
}

const json::value* member_at(const json::value& value, Path path) {
  const json::value* at = &value;
  for (const std::string_view name : path) {
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_at(const json::value& value, Path path) {
  const json::value* found = member_at(value, path);
  if (found == nullptr) return {};
  if (const json::string* text = found->if_string()) return std::string(*text);
  if (const std::int64_t* number = found->if_int64()) return std::to_string(*number);
  return {};
}

bool flag_at(const json::value& value, Path path) {
  const json::value* found = member_at(value, path);
  const bool* flag = found == nullptr ? nullptr : found->if_bool();
  return flag != nullptr && *flag;
}

std::optional<Timestamp> time_at(const json::value& value, Path path) {
  return parse_timestamp(text_at(value, path));
}

const json::array& array_at(const json::value& value, Path path) {
  static const json::array none;
  const json::value* found = member_at(value, path);
  const json::array* array = found == nullptr ? nullptr : found->if_array();
  return array == nullptr ? none : *array;
}

Account account_at(const json::value& value, Path path) {
  Account account;
  const json::value* found = member_at(value, path);
  if (found == nullptr) return account;
  account.account_id = text_at(*found, {"account_id"});
  account.nickname = text_at(*found, {"nickname"});
  account.name = text_at(*found, {"display_name"});
  for (const std::string_view name : {"uuid", "account_id", "username"}) {
    if (account.id.empty()) account.id = text_at(*found, {name});
  }
  if (account.name.empty()) account.name = account.nickname;
  if (account.name.empty()) account.name = text_at(*found, {"name"});
  account.is_app = text_at(*found, {"type"}) == "app_user";
  return account;
}

}  // namespace evidenced::evidence
