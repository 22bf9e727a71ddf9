#include "api/sources/handlers.hpp"

namespace evidenced::api {
namespace {

using Kind = Parameter::Kind;

constexpr Parameter source_list_parameters[] = {
    limit_parameter,
    cursor_parameter,
    {"state", Kind::choice, "Deleted sources are listed only when asked for.", true,
     "active,paused,needs_credential,deleted"},
    {"tag", Kind::text, "Sources with this tag.", true},
    {"workspace", Kind::text, "Sources that name this workspace.", true},
    {"expires_before", Kind::time, "Sources whose token expires before this time."},
};
constexpr Parameter create_parameters[] = {
    {"validate_only", Kind::flag, "Checks everything and stores nothing; always answers 200."},
};
constexpr Parameter delete_parameters[] = {
    {"purge_evidence", Kind::flag, "Removes what was collected, too. Needs the role admin."},
};

constexpr int source_conflict[] = {409};
constexpr int conflict_or_version[] = {409, 412};
constexpr int probing[] = {409, 412, 422, 502, 503, 504};
constexpr OtherAnswer validated[] = {{200, "Validation"}};
constexpr std::string_view source_tag = "sources";

constexpr Parameter overview_parameters[] = {limit_parameter, cursor_parameter};

const Route source_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/overview",
     .operation = "get_overview",
     .tag = source_tag,
     .summary = "Read how all sources stand",
     .description = "In the order of ids: of each source its health, its artifacts, how many of "
                    "its streams are "
                    "without a gap, when it expires, its gaps and its last 60 syncs, the newest "
                    "last. `totals` "
                    "are of all sources that the key sees, and stand on the first page alone.",
     .handler = get_overview,
     .answer = "Overview",
     .shape = Shape::list,
     .parameters = overview_parameters},
    {.method = Method::get,
     .pattern = "/v1/sources",
     .operation = "list_sources",
     .tag = source_tag,
     .summary = "List sources",
     .handler = list_sources,
     .answer = "SourceList",
     .shape = Shape::list,
     .parameters = source_list_parameters},
    {.method = Method::post,
     .pattern = "/v1/sources",
     .operation = "create_source",
     .tag = source_tag,
     .summary = "Register a source",
     .description = "The credential is probed before anything is stored; nothing is stored on "
                    "failure. A sync starts unless start_sync is false: see Link, rel latest-sync. "
                    "With validate_only the answer is 200 and a Validation.",
     .roles = writers,
     .handler = create_source,
     .status = 201,
     .answer = "Source",
     .body = "SourceInput",
     .body_required = true,
     .parameters = create_parameters,
     .problems = probing,
     .others = validated},
    {.method = Method::get,
     .pattern = "/v1/sources/{id}",
     .operation = "get_source",
     .tag = source_tag,
     .summary = "Read a source",
     .handler = get_source,
     .answer = "Source",
     .shape = Shape::resource},
    {.method = Method::patch,
     .pattern = "/v1/sources/{id}",
     .operation = "change_source",
     .tag = source_tag,
     .summary = "Change a source",
     .description = "JSON Merge Patch; If-Match is honoured. Workspaces that are new to the source "
                    "are checked with its credential.",
     .roles = writers,
     .handler = change_source,
     .answer = "Source",
     .body = "SourcePatch",
     .body_required = true,
     .problems = probing},
    {.method = Method::delete_,
     .pattern = "/v1/sources/{id}",
     .operation = "delete_source",
     .tag = source_tag,
     .summary = "Delete a source",
     .description = "Wipes the credential at once and cancels its syncs; keeps what was collected.",
     .roles = writers,
     .handler = delete_source,
     .status = 204,
     .parameters = delete_parameters,
     .problems = conflict_or_version},
    {.method = Method::post,
     .pattern = "/v1/sources/{id}/pause",
     .operation = "pause_source",
     .tag = source_tag,
     .summary = "Pause a source",
     .description = "Its syncs end at the next page; none starts until it is resumed.",
     .roles = writers,
     .handler = pause_source,
     .answer = "Source",
     .body = "Nothing",
     .problems = source_conflict},
    {.method = Method::post,
     .pattern = "/v1/sources/{id}/resume",
     .operation = "resume_source",
     .tag = source_tag,
     .summary = "Resume a source",
     .roles = writers,
     .handler = resume_source,
     .answer = "Source",
     .body = "Nothing",
     .problems = source_conflict},
    {.method = Method::get,
     .pattern = "/v1/sources/{id}/coverage",
     .operation = "get_coverage",
     .tag = source_tag,
     .summary = "Read what of each kind can be collected, and why the rest cannot",
     .description =
         "`available`, or what stands in the way as the newest syncs have learnt it; with "
         "how many partitions can be read, how many objects are held, and since when all "
         "of them are known whole.",
     .handler = get_coverage,
     .answer = "Coverage",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/sources/{id}/drift",
     .operation = "get_drift",
     .tag = source_tag,
     .summary =
         "Read how Bitbucket's answers differ from what they were, or from what is documented",
     .description =
         "The newest first, at most 1,000. Each is told once (drift.found), and again after it had "
         "ended (drift.ended). None spoils a sync: what was answered is kept as it came.",
     .handler = get_drift,
     .answer = "DriftList",
     .shape = Shape::resource},
    {.method = Method::get,
     .pattern = "/v1/sources/{id}/credential",
     .operation = "get_credential",
     .tag = source_tag,
     .summary = "Read what may be known of a credential",
     .roles = writers,
     .handler = get_credential,
     .answer = "Credential",
     .shape = Shape::resource},
    {.method = Method::put,
     .pattern = "/v1/sources/{id}/credential",
     .operation = "rotate_credential",
     .tag = source_tag,
     .summary = "Replace the credential",
     .description = "The new one is probed: it must be of the same account and reach at least as "
                    "much. It is swapped in one transaction; a running sync goes on.",
     .roles = writers,
     .handler = rotate_credential,
     .answer = "Credential",
     .body = "CredentialInput",
     .body_required = true,
     .problems = probing},
    {.method = Method::post,
     .pattern = "/v1/sources/{id}/validations",
     .operation = "validate_source",
     .tag = source_tag,
     .summary = "Probe the stored credential again",
     .roles = writers,
     .handler = validate_source,
     .answer = "Validation",
     .body = "Nothing",
     .problems = probing},
    {.method = Method::post,
     .pattern = "/v1/sources/{id}/syncs",
     .operation = "start_sync",
     .tag = source_tag,
     .summary = "Start a sync",
     .description = "At most one runs and one is queued: a second request gets the queued one.",
     .roles = writers,
     .handler = start_sync,
     .status = 202,
     .answer = "Sync",
     .body = "SyncInput",
     .problems = source_conflict},
    {.method = Method::post,
     .pattern = "/v1/sources/{id}/streams/{stream}/confirm",
     .operation = "confirm_stream",
     .tag = source_tag,
     .summary = "Confirm a sudden drop",
     .description = "What a complete walk did not see any more was held back because it was more "
                    "than 30 %: it is removed now.",
     .roles = writers,
     .handler = confirm_stream,
     .answer = "Confirmation",
     .body = "Nothing",
     .problems = source_conflict},
};

}  // namespace

std::span<const Route> source_routes() {
  return source_route_table;
}

}  // namespace evidenced::api
