#include "api/artifacts/kind_examples.hpp"

#include <algorithm>
#include <iterator>

namespace evidenced::api {
namespace {

struct Example {
  std::string_view kind;
  std::string_view json;
};

constexpr Example
    examples
        [] =
            {
                {"account",
                 R"({"account_id":"000000:00000000-0000-4000-8000-000000000001","account_status":"active","created_on":"2021-02-03T04:05:06.000000+00:00","display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"})"},
                {"workspace",
                 R"({"administrator":true,"created_on":"2020-01-02T03:04:05.000000+00:00","is_private":true,"name":"Example Works","slug":"example-works","type":"workspace","uuid":"{00000000-0000-4000-8000-0000000000a1}"})"},
                {"workspace_member",
                 R"({"added_on":"2021-05-06T07:08:09.000000+00:00","last_accessed":"2026-11-20T10:11:12.000000+00:00","permission":"owner","type":"workspace_membership","user":{"account_id":"000000:00000000-0000-4000-8000-000000000001","display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"},"workspace":{"name":"Example Works","slug":"example-works","type":"workspace","uuid":"{00000000-0000-4000-8000-0000000000a1}"}})"},
                {"project",
                 R"({"created_on":"2020-02-03T04:05:06.000000+00:00","description":"What customers use","is_private":true,"key":"SHOP","name":"Shop","owner":{"display_name":"Example Works","type":"team","uuid":"{00000000-0000-4000-8000-0000000000a1}"},"type":"project","updated_on":"2026-10-11T12:13:14.000000+00:00","uuid":"{00000000-0000-4000-8000-0000000000b1}"})"},
                {"repository",
                 R"({"created_on":"2020-03-04T05:06:07.000000+00:00","description":"","fork_policy":"no_public_forks","full_name":"example-works/checkout","has_issues":false,"is_private":true,"language":"c++","mainbranch":{"name":"main","type":"branch"},"name":"checkout","override_settings":{"branching_model":true,"default_merge_strategy":true},"owner":{"display_name":"Example Works","type":"team","uuid":"{00000000-0000-4000-8000-0000000000a1}"},"parent":null,"project":{"key":"SHOP","name":"Shop","type":"project","uuid":"{00000000-0000-4000-8000-0000000000b1}"},"scm":"git","size":4096,"slug":"checkout","type":"repository","updated_on":"2026-11-21T08:09:10.000000+00:00","uuid":"{00000000-0000-4000-8000-0000000000c1}","workspace":{"name":"Example Works","slug":"example-works","type":"workspace","uuid":"{00000000-0000-4000-8000-0000000000a1}"}})"},
                {"pull_request",
                 R"({"author":{"display_name":"Grace Example","nickname":"grace","type":"user","uuid":"{00000000-0000-4000-8000-000000000002}"},"close_source_branch":true,"closed_by":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"},"comment_count":3,"created_on":"2026-11-18T09:10:11.000000+00:00","description":"Rounds once, at the end.","destination":{"branch":{"name":"main"},"commit":{"hash":"0123456789ab","type":"commit"},"repository":{"full_name":"example-works/checkout","name":"checkout","type":"repository","uuid":"{00000000-0000-4000-8000-0000000000c1}"}},"draft":false,"id":42,"merge_commit":{"date":"2026-11-19T10:11:12+00:00","hash":"ba9876543210","type":"commit"},"participants":[{"approved":true,"participated_on":"2026-11-19T10:00:00.000000+00:00","role":"REVIEWER","state":"approved","type":"participant","user":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}}],"reason":"","reviewers":[{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}],"source":{"branch":{"name":"round-once"},"commit":{"hash":"fedcba987654","type":"commit"},"repository":{"full_name":"example-works/checkout","name":"checkout","type":"repository","uuid":"{00000000-0000-4000-8000-0000000000c1}"}},"state":"MERGED","task_count":0,"title":"Round prices once","type":"pullrequest","updated_on":"2026-11-19T10:11:12.000000+00:00"})"},
                {"branch_restriction",
                 R"({"branch_match_kind":"glob","branch_type":null,"groups":[],"id":7,"kind":"require_approvals_to_merge","pattern":"main","type":"branchrestriction","users":[],"value":2})"},
                {"repository_grant",
                 R"({"permission":"write","type":"repository_user_permission","user":{"account_id":"000000:00000000-0000-4000-8000-000000000002","display_name":"Grace Example","type":"user","uuid":"{00000000-0000-4000-8000-000000000002}"}})"},
};

}  // namespace

std::string_view kind_example(std::string_view kind) {
  const auto* row = std::ranges::find(examples, kind, &Example::kind);
  return row == std::end(examples) ? "{}" : row->json;
}

}  // namespace evidenced::api
