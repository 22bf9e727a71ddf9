#include "connector/bitbucket/parse.hpp"

#include "config/time.hpp"
#include "connector/bitbucket/identity.hpp"
#include "connector/bitbucket/json_text.hpp"
#include "connector/bitbucket/scrub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

/// The entries of an answer: `values`, the items of a bare array, or the object itself.
Result<std::span<JsonText>> entries_of(bool listed, JsonText& root) {
  if (!listed) {
    if (root.is_object()) return std::span<JsonText>(&root, 1);
    return fail("upstream.invalid_json", "the answer is no object");
  }
  if (root.is_array()) return std::span<JsonText>(root.items);
  for (JsonText& member : root.items) {
    // The one that find() finds: of repeated members the last counts.
    if (&member == root.find("values") && member.is_array()) {
      return std::span<JsonText>(member.items);
    }
  }
  return fail("upstream.invalid_json", "the answer is no list: it has no array `values`");
}

Result<std::optional<std::string>> next_of(const JsonText& root) {
  const JsonText* next = root.find("next");
  if (next == nullptr || next->type == JsonText::Type::null) return std::nullopt;
  if (next->type == JsonText::Type::string) return next->text();
  return fail("upstream.invalid_json", "`next` of the page is no string");
}

std::optional<std::int64_t> size_of(const JsonText& root) {
  const JsonText* size = root.find("size");
  const std::optional<std::int64_t> count = size == nullptr ? std::nullopt : size->integer();
  return count && *count >= 0 ? count : std::nullopt;
}

/// What an entry of /user/workspaces says beside the workspace becomes part of the workspace, where
/// the workspace does not say the same itself.
void join(JsonText& workspace, const JsonText& access) {
  const std::size_t own = workspace.items.size();
  for (const JsonText& member : access.items) {
    const auto same = [&member](const JsonText& other) { return other.name == member.name; };
    const auto end = workspace.items.begin() + static_cast<std::ptrdiff_t>(own);
    if (std::none_of(workspace.items.begin(), end, same)) workspace.items.push_back(member);
  }
}

/// What the account may do in a workspace, as far as leg 0 tells: all members but the workspace.
std::string access_of(const JsonText& entry) {
  JsonText access = entry;
  std::erase_if(access.items, [](const JsonText& member) {
    return member.named("workspace") || member.named("type") || member.named("links");
  });
  return canonical(access);
}

/// What is scrubbed lives no longer than this: the shape is taken here, too.
storage::ArtifactDraft draft_of(const Stream& stream, std::size_t leg, const Partition& partition,
                                JsonText& object, std::size_t number, ShapeReader& shape) {
  Replacements replacements;
  scrub(stream.kind, object, replacements);
  storage::ArtifactDraft draft;
  draft.kind = stream.kind;
  draft.content = canonical(object);
  draft.digest = revision_digest(stream.kind, object, draft.content);
  identify({stream.kind, leg, partition, object}, draft);
  shape.add(object, static_cast<std::uint32_t>(number));
  return draft;
}

}  // namespace

Result<ParsedPage> parse_page(const Stream& stream, std::size_t leg, const Partition& partition,
                              std::string_view body) {
  Result<JsonText> root = read_json(body);
  if (!root) return fail(root);
  const std::string_view access_text =
      partition.access.empty() ? "{}" : std::string_view(partition.access);
  const Result<JsonText> access = read_json(access_text);
  if (!access) return fail(access);
  const bool listed = is_list(stream, leg);
  ParsedPage page;
  if (listed) {
    const auto next = next_of(*root);
    if (!next) return fail(next);
    page.next = *next;
    page.size = size_of(*root);
  }
  const Result<std::span<JsonText>> entries = entries_of(listed, *root);
  if (!entries) return fail(entries);
  std::optional<Timestamp> newest;
  ShapeReader shape(stream.kind);
  for (JsonText& entry : *entries) {
    if (!entry.is_object()) {
      if (page.malformed++ == 0) page.first_malformed = &entry - entries->data() + 1;
      continue;
    }
    if (!listed) join(entry, *access);
    const std::optional<Timestamp> updated = parse_timestamp(text_at(entry, "updated_on"));
    if (updated && (!newest || *newest < *updated)) newest = updated;
    page.notes.push_back(note_of(stream.kind, entry));
    page.artifacts.push_back(draft_of(stream, leg, partition, entry, page.artifacts.size(), shape));
  }
  page.shape = shape.take();
  if (newest) page.newest = format_rfc3339(*newest);
  return page;
}

std::optional<Partition> partition_of(std::string_view kind, std::string_view content) {
  const Result<JsonText> object = read_json(content);
  if (!object || !object->is_object()) return std::nullopt;
  Partition partition;
  const JsonText* inner = object->find("workspace");
  if (kind == "workspace") {
    const bool is_entry = inner != nullptr && inner->is_object();
    const JsonText& workspace = is_entry ? *inner : *object;
    partition.id = text_at(workspace, "uuid");
    partition.workspace_uuid = partition.id;
    partition.workspace = text_at(workspace, "slug");
    if (is_entry) partition.access = access_of(*object);
  } else if (kind == "project" || kind == "repository") {
    partition.id = text_at(*object, "uuid");
    partition.workspace_uuid = text_at(*object, "workspace", "uuid");
    partition.workspace = workspace_slug(*object);
    partition.updated_on = text_at(*object, "updated_on");
    partition.project =
        kind == "project" ? text_at(*object, "key") : text_at(*object, "project", "key");
    if (kind == "repository") {
      partition.repository_uuid = partition.id;
      partition.repository = repository_name(*object, partition.workspace);
      partition.main_branch = text_at(*object, "mainbranch", "name");
    }
  }
  if (partition.id.empty()) return std::nullopt;
  return partition;
}

}  // namespace evidenced::connector::bitbucket
