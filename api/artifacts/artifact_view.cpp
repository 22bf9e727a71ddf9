#include "api/artifacts/artifact_view.hpp"

#include "api/json_in.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using storage::Artifact;

void write_links(JsonOut& json, const Artifact& artifact) {
  // Ids need no escape, and a list has hundreds of these.
  std::string links = R"({"self":"/v1/artifacts/)";
  links.reserve(256);
  links.append(artifact.id).append(R"(","revisions":"/v1/artifacts/)");
  links.append(artifact.id).append(R"(/revisions","raw":"/v1/artifacts/)");
  links.append(artifact.id).append(R"(/raw","source":"/v1/sources/)");
  links.append(artifact.source_id).append(R"("})");
  json.raw(links);
}

void text_or_null(JsonOut& json, const std::string& text) {
  if (text.empty()) {
    json.null();
  } else {
    json.value(text);
  }
}

constexpr ArtifactField table[] = {
    {"id", [](JsonOut& j, const Artifact& a) { j.value(a.id); }, true},
    {"kind", [](JsonOut& j, const Artifact& a) { j.value(a.kind); }, true},
    {"source_id", [](JsonOut& j, const Artifact& a) { j.value(a.source_id); }, true},
    {"workspace", [](JsonOut& j, const Artifact& a) { text_or_null(j, a.workspace); }, true},
    {"project", [](JsonOut& j, const Artifact& a) { text_or_null(j, a.project); }, true},
    {"repository", [](JsonOut& j, const Artifact& a) { text_or_null(j, a.repository); }, true},
    {"upstream_id", [](JsonOut& j, const Artifact& a) { j.value(a.upstream_id); }, true},
    {"title", [](JsonOut& j, const Artifact& a) { j.value(a.title); }, true},
    {"revision", [](JsonOut& j, const Artifact& a) { j.value(a.revision); }, true},
    {"seq", [](JsonOut& j, const Artifact& a) { j.value(a.seq); }, true},
    {"observed_at", [](JsonOut& j, const Artifact& a) { j.value(a.observed_at); }, true},
    {"first_observed_at", [](JsonOut& j, const Artifact& a) { j.value(a.first_observed_at); },
     true},
    {"removed_at", [](JsonOut& j, const Artifact& a) { j.value(a.removed_at); }, true},
    {"removed_reason", [](JsonOut& j, const Artifact& a) { text_or_null(j, a.removed_reason); },
     true},
    {"sync_id", [](JsonOut& j, const Artifact& a) { j.value(a.sync_id); }, true},
    {"status", [](JsonOut& j, const Artifact& a) { j.value(a.status); }, true},
    {"tags", [](JsonOut& j, const Artifact& a) { j.value(a.tags); }, true},
    {"content_sha256", [](JsonOut& j, const Artifact& a) { j.value(a.content_sha256); }, true},
    {"content",
     [](JsonOut& j, const Artifact& a) { j.raw(a.content.empty() ? "null" : a.content); }, false},
    {"links", write_links, false},
};
static_assert(std::size(table) <= FieldSet().size());

std::size_t index_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(table, name, &ArtifactField::name) - table);
}

/// The text of a cell: strings without their quotes, null as nothing, all else as JSON.
std::string cell_text(const std::string& json) {
  if (json == "null") return "";
  if (!json.starts_with('"')) return json;
  const auto read = read_json(json);
  return read ? read->value.text : json.substr(1, json.size() - 2);
}

}  // namespace

std::span<const ArtifactField> artifact_fields() {
  return table;
}

FieldSet all_fields() {
  return FieldSet((1UL << std::size(table)) - 1);
}

FieldSet csv_fields() {
  FieldSet fields;
  for (std::size_t at = 0; at < std::size(table); ++at) fields[at] = table[at].in_csv;
  return fields;
}

bool wants_content(const FieldSet& fields) {
  static const std::size_t content = index_of("content");
  return fields[content];
}

Result<FieldSet> read_fields(const std::vector<std::string>& lists) {
  if (lists.empty()) return all_fields();
  FieldSet fields;
  fields[index_of("id")] = true;
  for (std::string_view list : lists) {
    while (!list.empty()) {
      const std::string_view name = list.substr(0, list.find(','));
      list.remove_prefix(std::min(name.size() + 1, list.size()));
      const std::size_t at = index_of(name);
      if (at == std::size(table)) {
        Error error;
        error.code = "request.invalid_field";
        error.detail = "?fields names a member that artifacts do not have";
        error.fields.push_back(
            {"?fields", "request.invalid_field", fmt::format("'{}' is not a member", name)});
        return std::unexpected(std::move(error));
      }
      fields[at] = true;
    }
  }
  return fields;
}

void write_artifact(JsonOut& json, const Artifact& artifact, const FieldSet& fields) {
  json.begin_object();
  for (std::size_t at = 0; at < std::size(table); ++at) {
    if (!fields[at]) continue;
    json.key(table[at].name);
    table[at].write(json, artifact);
  }
  json.end_object();
}

void write_revision(JsonOut& json, const storage::Revision& revision) {
  json.begin_object();
  json.member("artifact_id", revision.artifact_id);
  json.member("revision", revision.number);
  json.member("change", revision.change);
  json.member("observed_at", revision.observed_at);
  json.member("sync_id", revision.sync_id);
  json.member("content_sha256", revision.content_sha256);
  json.key("content").raw(revision.content.empty() ? "null" : revision.content);
  json.end_object();
}

void append_csv_cell(std::string& out, std::string_view text) {
  constexpr std::string_view formula_starts = "=+-@\t\r";
  const bool formula = !text.empty() && formula_starts.contains(text.front());
  const bool quoted = formula || text.find_first_of("\",\r\n") != std::string_view::npos;
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void write_csv_header(std::string& out, const FieldSet& fields) {
  bool first = true;
  for (std::size_t at = 0; at < std::size(table); ++at) {
    if (!fields[at]) continue;
    if (!first) out += ',';
    out += table[at].name;
    first = false;
  }
  out += "\r\n";
}

void write_csv_record(std::string& out, const Artifact& artifact, const FieldSet& fields) {
  bool first = true;
  for (std::size_t at = 0; at < std::size(table); ++at) {
    if (!fields[at]) continue;
    if (!first) out += ',';
    first = false;
    std::string json;
    JsonOut writer(json);
    table[at].write(writer, artifact);
    append_csv_cell(out, cell_text(json));
  }
  out += "\r\n";
}

}  // namespace evidenced::api
