#include "storage/columns.hpp"

#include <boost/json.hpp>

namespace evidenced::storage {

namespace json = boost::json;

namespace {

json::array to_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

std::vector<std::string> from_array(const json::value& value) {
  std::vector<std::string> texts;
  for (const json::value& text : value.as_array()) texts.emplace_back(text.as_string());
  return texts;
}

json::value json_of(const std::optional<StoredError>& error) {
  if (!error) return nullptr;
  return json::object{{"code", error->code},
                      {"detail", error->detail},
                      {"scopes", to_array(error->scopes)},
                      {"partitions_failed", error->partitions_failed}};
}

std::optional<StoredError> error_from(const json::value& value) {
  if (!value.is_object()) return std::nullopt;
  const json::object& object = value.as_object();
  return StoredError{.code = std::string(object.at("code").as_string()),
                     .detail = std::string(object.at("detail").as_string()),
                     .scopes = from_array(object.at("scopes")),
                     .partitions_failed = object.at("partitions_failed").as_int64()};
}

/// The counters of a stream by name, for both directions.
constexpr std::pair<std::string_view, std::int64_t SyncStream::*> counters[] = {
    {"partitions_done", &SyncStream::partitions_done},
    {"partitions_total", &SyncStream::partitions_total},
    {"partitions_lost", &SyncStream::partitions_lost},
    {"requests", &SyncStream::requests},
    {"retries", &SyncStream::retries},
    {"waited_milliseconds", &SyncStream::waited_milliseconds},
    {"seen", &SyncStream::seen},
    {"created", &SyncStream::created},
    {"revised", &SyncStream::revised},
    {"removed", &SyncStream::removed},
};

/// Its times, likewise: milliseconds.
constexpr std::pair<std::string_view, std::optional<Timestamp> SyncStream::*> times[] = {
    {"started_at", &SyncStream::started_at},
    {"finished_at", &SyncStream::finished_at},
};

}  // namespace

std::string ColumnReader::bytes() {
  std::span<const std::byte> blob = row_.blob(column_++);
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

std::string ColumnReader::hex() {
  std::string raw = bytes();
  return to_hex({reinterpret_cast<const unsigned char*>(raw.data()), raw.size()});
}

std::optional<std::int64_t> ColumnReader::optional_integer() {
  int column = column_++;
  if (row_.is_null(column)) return std::nullopt;
  return row_.integer(column);
}

std::optional<Timestamp> ColumnReader::optional_time() {
  std::optional<std::int64_t> milliseconds = optional_integer();
  if (!milliseconds) return std::nullopt;
  return to_time(*milliseconds);
}

std::vector<std::string> ColumnReader::texts() {
  std::string_view text = row_.text(column_++);
  if (text == "[]") return {};
  return from_array(json::parse(text));
}

std::optional<StoredError> ColumnReader::error() {
  std::string_view text = row_.text(column_++);
  if (text.empty()) return std::nullopt;
  return error_from(json::parse(text));
}

std::string to_json(const std::vector<std::string>& texts) {
  return json::serialize(to_array(texts));
}

std::string json_needle(std::string_view text) {
  return json::serialize(json::string(text));
}

std::string to_json(const std::optional<StoredError>& error) {
  return error ? json::serialize(json_of(error)) : std::string();
}

std::string to_json(const std::vector<SyncStream>& streams) {
  json::array array;
  for (const SyncStream& stream : streams) {
    json::object object{{"name", stream.name},
                        {"state", name_of(stream.state)},
                        {"complete", stream.complete},
                        {"error", json_of(stream.error)}};
    // What is nothing is left out: the row is written at every page.
    for (const auto& [name, member] : counters) {
      if (stream.*member != 0) object[name] = stream.*member;
    }
    for (const auto& [name, member] : times) {
      if (stream.*member) object[name] = (stream.*member)->time_since_epoch().count();
    }
    array.emplace_back(std::move(object));
  }
  return json::serialize(array);
}

std::vector<SyncStream> streams_from_json(std::string_view text) {
  std::vector<SyncStream> streams;
  json::value document = json::parse(text);
  for (const json::value& value : document.as_array()) {
    const json::object& object = value.as_object();
    SyncStream stream;
    stream.name = object.at("name").as_string();
    stream.state = value_of<StreamState>(object.at("state").as_string()).value_or(StreamState{});
    stream.complete = object.at("complete").as_bool();
    stream.error = error_from(object.at("error"));
    for (const auto& [name, member] : counters) {
      if (const json::value* counter = object.if_contains(name)) {
        stream.*member = counter->as_int64();
      }
    }
    for (const auto& [name, member] : times) {
      if (const json::value* time = object.if_contains(name)) {
        stream.*member = to_time(time->as_int64());
      }
    }
    streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace evidenced::storage
