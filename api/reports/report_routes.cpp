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
};

}  // namespace

std::span<const Route> report_routes() {
  return report_route_table;
}

}  // namespace evidenced::api
