#include "api/reports/handlers.hpp"

namespace evidenced::api {
namespace {

using Kind = Parameter::Kind;

constexpr Parameter source_filter = {"source", Kind::text, "What this source collected.", true};
constexpr Parameter workspace_filter = {"workspace", Kind::text, "Slug or {uuid} of a workspace.",
                                        true};
constexpr Parameter project_filter = {"project", Kind::text, "Key or {uuid} of a project.", true};
constexpr Parameter repository_filter = {"repository", Kind::text,
                                         "workspace/slug or {uuid} of a repository.", true};

constexpr Parameter access_parameters[] = {
    limit_parameter,
    cursor_parameter,
    source_filter,
    workspace_filter,
    project_filter,
    repository_filter,
    {"permission", Kind::choice, "People who have this on a repository that is shown.", true,
     "admin,write,read"},
    {"q", Kind::text, "People with this in their name or nickname, in upper or lower case."},
};
constexpr Parameter path_parameters[] = {
    source_filter,
    {"person", Kind::text, "{uuid} of a person, or the `id` that the matrix has. Required."},
    {"repository", Kind::text, "workspace/slug or {uuid} of a repository. Required."},
};
constexpr std::string_view finding_names =
    "not_approved,self_approved_only,self_merged,approved_before_last_commit,checks_failed,"
    "checks_absent";
constexpr Parameter from_filter = {"from", Kind::time, "Merged at this time (RFC 3339) or later."};
constexpr Parameter to_filter = {"to", Kind::time, "Merged at this time (RFC 3339) or earlier."};
constexpr Parameter branch_filter = {"branch", Kind::text, "Name of the branch merged into.", true};
constexpr Parameter author_filter = {"author", Kind::text, "{uuid} or account id of the author.",
                                     true};
constexpr Parameter merger_filter = {"merged_by", Kind::text,
                                     "{uuid} or account id of who merged it.", true};
constexpr Parameter finding_filter = {"finding", Kind::choice, "Changes with this finding.", true,
                                      finding_names};
constexpr Parameter title_filter = {"q", Kind::text,
                                    "Changes with this in their title, in upper or lower case."};

constexpr Parameter change_parameters[] = {
    limit_parameter,  cursor_parameter, from_filter,       to_filter,     source_filter,
    workspace_filter, project_filter,   repository_filter, branch_filter, author_filter,
    merger_filter,    finding_filter,   title_filter,
};
constexpr Parameter summary_parameters[] = {
    from_filter,    to_filter,         source_filter, workspace_filter,
    project_filter, repository_filter, branch_filter, author_filter,
    merger_filter,  finding_filter,    title_filter,
};
constexpr std::string_view report_tag = "reports";
constexpr std::string_view report_media = "application/json,application/x-ndjson,text/csv";

const Route report_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/reports/access",
     .operation = "report_access",
     .tag = report_tag,
     .summary = "Who may do what in which repository",
     .description =
         "A matrix from effective access: people by name, page by page, times at most 5,000 "
         "repositories. `permissions` has a letter for each of `repositories`: A admin, W write, "
         "R read, - none, ? not known, because the repository's access was not read to its end. "
         "Where several sources tell of a cell, the highest counts. As NDJSON or CSV it is a list "
         "without pages: a row for each person and repository with a permission, with the grants "
         "behind it, and a row with the permission `unknown` for each repository of which nobody "
         "knows.",
     .handler = report_access,
     .answer = "AccessReport",
     .shape = Shape::list,
     .parameters = access_parameters,
     .media = report_media,
     .line = "AccessLine"},
    {.method = Method::get,
     .pattern = "/v1/reports/access/paths",
     .operation = "report_access_paths",
     .tag = report_tag,
     .summary = "Why somebody has a permission",
     .description =
         "The grants behind one cell of the matrix, the highest first: to the person, to a group, "
         "on the repository or its project, by administrating the workspace or owning the "
         "repository. `explained` is false where they do not lead to the permission that holds; "
         "`reason` says what is known of why.",
     .handler = report_access_paths,
     .answer = "AccessPaths",
     .shape = Shape::list,
     .parameters = path_parameters},
    {.method = Method::get,
     .pattern = "/v1/reports/changes",
     .operation = "report_changes",
     .tag = report_tag,
     .summary = "Merged pull requests, and what may be wrong with each",
     .description =
         "The newest merge first. `approvals` are those that were given before the merge and not "
         "withdrawn; `checks` counts the builds of the last commit, as they stand now: statuses, "
         "and the newest run of each kind of pipeline. What was not read, or cannot be told since "
         "Bitbucket does not name an account any more, is null, and a finding that would need it "
         "is in `not_evaluable`, never in `findings`. A page may have fewer changes than asked "
         "for, and another one behind it: so many pull requests are looked at for a page, not "
         "more. As NDJSON or CSV the whole result is streamed, without pages.",
     .handler = report_changes,
     .answer = "ChangeReport",
     .shape = Shape::list,
     .parameters = change_parameters,
     .media = report_media,
     .line = "ChangeLine"},
    {.method = Method::get,
     .pattern = "/v1/reports/changes/summary",
     .operation = "report_change_summary",
     .tag = report_tag,
     .summary = "How many merged pull requests have each finding",
     .description =
         "Of the same filters. `exact` is false where there are more than are looked at "
         "for one answer, or in a second: `findings` and `not_evaluable` are those of the newest "
         "`evaluated` changes then, merged between `from` and `to`; without filters on "
         "what a change is, `count` is that of all.",
     .handler = report_change_summary,
     .answer = "ChangeSummary",
     .shape = Shape::list,
     .parameters = summary_parameters},
};

}  // namespace

std::span<const Route> report_routes() {
  return report_route_table;
}

}  // namespace evidenced::api
