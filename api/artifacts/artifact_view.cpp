#include "api/artifacts/artifact_view.hpp"

#include "api/json_in.hpp"
#include "connector/bitbucket/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using storage::ArtifactView;

/// Ids need no escape.
void write_links(JsonPen& pen, const ArtifactView& artifact) {
  pen.raw(R"({"self":"/v1/artifacts/)");
  pen.raw(artifact.id);
  pen.raw(R"(","revisions":"/v1/artifacts/)");
  pen.raw(artifact.id);
  pen.raw(R"(/revisions","raw":"/v1/artifacts/)");
  pen.raw(artifact.id);
  pen.raw(R"(/raw","source":"/v1/sources/)");
  pen.raw(artifact.source_id);
  pen.raw(R"("})");
}

void write_time(JsonPen& pen, const std::optional<Timestamp>& time) {
  if (time) {
    pen.time(*time);
  } else {
    pen.raw("null");
  }
}

using Pen = JsonPen;
using View = ArtifactView;

constexpr ArtifactField field_table[] = {
    {R"("id":)", [](Pen& pen, const View& a) { pen.text(a.id); }, true},
    {R"("kind":)", [](Pen& pen, const View& a) { pen.text(a.kind); }, true},
    {R"("source_id":)", [](Pen& pen, const View& a) { pen.text(a.source_id); }, true},
    {R"("workspace":)", [](Pen& pen, const View& a) { pen.text_or_null(a.workspace); }, true},
    {R"("project":)", [](Pen& pen, const View& a) { pen.text_or_null(a.project); }, true},
    {R"("repository":)", [](Pen& pen, const View& a) { pen.text_or_null(a.repository); }, true},
    {R"("upstream_id":)", [](Pen& pen, const View& a) { pen.text(a.upstream_id); }, true},
    {R"("title":)", [](Pen& pen, const View& a) { pen.text(a.title); }, true},
    {R"("state":)", [](Pen& pen, const View& a) { pen.text_or_null(a.state); }, true},
    {R"("dated_at":)", [](Pen& pen, const View& a) { write_time(pen, a.dated_at); }, true},
    {R"("revision":)", [](Pen& pen, const View& a) { pen.number(a.revision); }, true},
    {R"("seq":)", [](Pen& pen, const View& a) { pen.number(a.seq); }, true},
    {R"("observed_at":)", [](Pen& pen, const View& a) { pen.time(a.observed_at); }, true},
    {R"("first_observed_at":)", [](Pen& pen, const View& a) { pen.time(a.first_observed_at); },
     true},
    {R"("removed_at":)", [](Pen& pen, const View& a) { write_time(pen, a.removed_at); }, true},
    {R"("removed_reason":)", [](Pen& pen, const View& a) { pen.text_or_null(a.removed_reason); },
     true},
    {R"("sync_id":)", [](Pen& pen, const View& a) { pen.text(a.sync_id); }, true},
    {R"("status":)", [](Pen& pen, const View& a) { pen.text(a.status); }, true},
    {R"("tags":)", [](Pen& pen, const View&) { pen.raw("[]"); }, true},
    {R"("content_sha256":)", [](Pen& pen, const View& a) { pen.hex(a.content_sha256); }, true},
    {R"("content":)",
     [](Pen& pen, const View& a) { pen.raw(a.content.empty() ? "null" : a.content); }, false},
    {R"("links":)", write_links, false},
};

/// More than the members' names, numbers, times, hashes and links take, without their texts.
constexpr std::size_t room_beside_texts = 1536;

std::size_t room_of(const ArtifactView& a) {
  const std::size_t texts = a.id.size() * 4 + a.kind.size() + a.source_id.size() * 2 +
                            a.workspace.size() + a.project.size() + a.repository.size() +
                            a.upstream_id.size() + a.title.size() + a.removed_reason.size() +
                            a.sync_id.size() + a.state.size() + a.status.size();
  return JsonPen::room_of_text(texts) + a.content.size() + room_beside_texts;
}

/// Appends what `write` writes with a pen.
template <class F>
void append_written(std::string& out, std::size_t room, F write) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + room, [&](char* begin, std::size_t) {
    JsonPen pen(begin + before);
    write(pen);
    return static_cast<std::size_t>(pen.end() - begin);
  });
}

static_assert(std::size(field_table) <= FieldSet().size());

std::size_t index_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(field_table, name, &ArtifactField::name) -
                                  field_table);
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
  return field_table;
}

FieldSet all_fields() {
  return FieldSet((1UL << std::size(field_table)) - 1);
}

FieldSet csv_fields() {
  FieldSet fields;
  for (std::size_t at = 0; at < std::size(field_table); ++at) fields[at] = field_table[at].in_csv;
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
      if (at == std::size(field_table)) {
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

namespace {

/// What a revision that is not the newest says of itself is kept in its content only.
class Told {
 public:
  explicit Told(const ArtifactView& artifact) : view_(artifact) {
    if (!artifact.superseded) return;
    extract_ = connector::bitbucket::extract_of(artifact.kind, artifact.content);
    view_.title = extract_.title;
    view_.state = extract_.state;
    view_.dated_at = extract_.dated_at;
  }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  const ArtifactView& view() const { return view_; }

 private:
  ArtifactView view_;
  storage::Extract extract_;
};

}  // namespace

void write_artifact(std::string& out, const ArtifactView& untold, const FieldSet& fields) {
  const Told told(untold);
  const ArtifactView& artifact = told.view();
  append_written(out, room_of(artifact), [&](JsonPen& pen) {
    std::string_view before = "{";
    for (std::size_t at = 0; at < std::size(field_table); ++at) {
      if (!fields[at]) continue;
      pen.raw(before);
      pen.raw(field_table[at].key);
      field_table[at].write(pen, artifact);
      before = ",";
    }
    pen.raw("}");
  });
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
  for (std::size_t at = 0; at < std::size(field_table); ++at) {
    if (!fields[at]) continue;
    if (!first) out += ',';
    out += field_table[at].name();
    first = false;
  }
  out += "\r\n";
}

void write_csv_record(std::string& out, const ArtifactView& untold, const FieldSet& fields) {
  const Told told(untold);
  const ArtifactView& artifact = told.view();
  bool first = true;
  std::string json;
  for (std::size_t at = 0; at < std::size(field_table); ++at) {
    if (!fields[at]) continue;
    if (!first) out += ',';
    first = false;
    json.clear();
    append_written(json, room_of(artifact),
                   [&](JsonPen& pen) { field_table[at].write(pen, artifact); });
    append_csv_cell(out, cell_text(json));
  }
  out += "\r\n";
}

}  // namespace evidenced::api
