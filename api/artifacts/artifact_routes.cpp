#include "api/artifacts/handlers.hpp"

namespace evidenced::api {
namespace {

using Kind = Parameter::Kind;

constexpr Parameter kind_parameter = {"kind", Kind::text, "Artifacts of this kind; see /v1/kinds.",
                                      true};
constexpr Parameter source_parameter = {"source", Kind::text, "Artifacts of this source.", true};
constexpr Parameter workspace_parameter = {"workspace", Kind::text,
                                           "Slug or {uuid} of a workspace.", true};
constexpr Parameter project_parameter = {"project", Kind::text, "Key or {uuid} of a project.",
                                         true};
constexpr Parameter repository_parameter = {"repository", Kind::text,
                                            "workspace/slug or {uuid} of a repository.", true};
constexpr Parameter state_parameter = {
    "state", Kind::text, "Artifacts in this state, in Bitbucket's word: MERGED, FAILED, …", true};
constexpr Parameter text_parameter = {
    "q", Kind::text,
    "Part of the title or of the upstream id, at least 2 characters; whether letters from A to Z "
    "are small or capital makes no difference."};
constexpr Parameter since_parameter = {
    "changed_since", Kind::position,
    "A time (RFC 3339) or a feed position, inclusive: what was created, revised, restored or "
    "removed since."};
constexpr Parameter removed_parameter = {
    "removed", Kind::choice, "Whether removed artifacts are listed; only: nothing else.", false,
    "true,false,only"};

constexpr Parameter artifact_list_parameters[] = {
    limit_parameter,
    cursor_parameter,
    kind_parameter,
    source_parameter,
    workspace_parameter,
    project_parameter,
    repository_parameter,
    state_parameter,
    text_parameter,
    since_parameter,
    removed_parameter,
    {"sort", Kind::choice,
     "id: as they were first seen (default); -id: the newest first; -changed: what changed last "
     "first.",
     false, "id,-id,-changed"},
    {"fields", Kind::text, "Members to give, separated by commas. The id is always given.", true},
};
constexpr Parameter facet_parameters[] = {
    kind_parameter,
    source_parameter,
    workspace_parameter,
    project_parameter,
    repository_parameter,
    state_parameter,
    text_parameter,
    since_parameter,
    removed_parameter,
    {"values",
     Kind::count,
     "Values of each facet: 1 to 500, default 50; more is 500.",
     false,
     {},
     1},
};
constexpr Parameter revision_parameters[] = {limit_parameter, cursor_parameter};
constexpr std::string_view artifact_tag = "artifacts";

const Route artifact_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/artifacts",
     .operation = "list_artifacts",
     .tag = artifact_tag,
     .summary = "List artifacts",
     .description =
         "In the order of ids, unless `sort` says otherwise: with -changed, what changes while "
         "the pages are read is left to the next list. `gaps` names the kinds that are missing or "
         "not whole for "
         "a source of the list. As NDJSON or CSV the whole result is streamed, without "
         "pages: NDJSON ends with a trailer line of count and SHA-256, both send the HTTP "
         "trailers Evidenced-Count and Content-Digest (of the bytes that are sent), and the "
         "headers Evidenced-Gap-Count and Evidenced-Gaps (source, kind and status of each). "
         "With `Accept-Encoding: zstd` a stream is sent packed.",
     .handler = list_artifacts,
     .answer = "ArtifactList",
     .shape = Shape::list,
     .parameters = artifact_list_parameters,
     .media = "application/json,application/x-ndjson,text/csv"},
    {.method = Method::get,
     .pattern = "/v1/facets",
     .operation = "get_facets",
     .tag = artifact_tag,
     .summary = "Count artifacts by kind, source, workspace, project, repository and state",
     .description =
         "Takes the filters of the list of artifacts. Each facet counts what the filters leave "
         "when its own is set aside, so that another value of it can be chosen beside the first; "
         "`count` is what all of them leave. Values come with the most artifacts first. Counts are "
         "exact unless `exact` says otherwise: then so many rows had to be looked at that those "
         "first seen before `counted_since` were left out.",
     .handler = get_facets,
     .answer = "Facets",
     .shape = Shape::list,
     .parameters = facet_parameters},
    {.method = Method::get,
     .pattern = "/v1/artifacts/{id}",
     .operation = "get_artifact",
     .tag = artifact_tag,
     .summary = "Read an artifact",
     .handler = get_artifact,
     .answer = "Artifact",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/artifacts/{id}/raw",
     .operation = "get_raw",
     .tag = artifact_tag,
     .summary = "Read the stored bytes",
     .description = "The upstream object as it is kept: scrubbed, compact, members sorted. Their "
                    "SHA-256 is content_sha256.",
     .handler = get_raw,
     .answer = "Raw",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/artifacts/{id}/related",
     .operation = "list_related",
     .tag = artifact_tag,
     .summary = "List what an artifact hangs together with",
     .description =
         "Of each relation the number of artifacts, the newest of them, and the URL that gives "
         "all. "
         "What a pull request or a grant names is found even when it was removed; of what is part "
         "of "
         "something only what is there is counted. `gaps` says which of the kinds are not whole.",
     .handler = list_related,
     .answer = "RelatedList",
     .shape = Shape::list},
    {.method = Method::get,
     .pattern = "/v1/artifacts/{id}/revisions",
     .operation = "list_revisions",
     .tag = artifact_tag,
     .summary = "List what an artifact was",
     .handler = list_revisions,
     .answer = "RevisionList",
     .shape = Shape::list,
     .parameters = revision_parameters},
    {.method = Method::get,
     .pattern = "/v1/artifacts/{id}/revisions/{number}",
     .operation = "get_revision",
     .tag = artifact_tag,
     .summary = "Read one revision",
     .handler = get_revision,
     .answer = "Revision",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/kinds",
     .operation = "list_kinds",
     .tag = artifact_tag,
     .summary = "List the kinds of artifacts",
     .handler = list_kinds,
     .answer = "KindList",
     .shape = Shape::list},
    {.method = Method::get,
     .pattern = "/v1/kinds/{kind}",
     .operation = "get_kind",
     .tag = artifact_tag,
     .summary = "Read a kind: fields, scopes, example, count",
     .handler = get_kind,
     .answer = "Kind",
     .shape = Shape::resource},
};

}  // namespace

std::span<const Route> artifact_routes() {
  return artifact_route_table;
}

}  // namespace evidenced::api
