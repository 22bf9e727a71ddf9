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
                {"pull_request_activity",
                 R"({"approval":{"date":"2026-11-19T10:00:00.000000+00:00","pullrequest":{"id":42,"title":"Round prices once","type":"pullrequest"},"user":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}},"pull_request":{"id":42,"title":"Round prices once","type":"pullrequest"}})"},
                {"branch_restriction",
                 R"({"branch_match_kind":"glob","branch_type":null,"groups":[],"id":7,"kind":"require_approvals_to_merge","pattern":"main","type":"branchrestriction","users":[],"value":2})"},
                {"repository_grant",
                 R"({"permission":"write","type":"repository_user_permission","user":{"account_id":"000000:00000000-0000-4000-8000-000000000002","display_name":"Grace Example","type":"user","uuid":"{00000000-0000-4000-8000-000000000002}"}})"},
                {"pipeline",
                 R"({"build_number":186,"completed_on":"2026-11-19T10:19:12.345Z","created_on":"2026-11-19T10:12:13.456Z","creator":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"},"duration_in_seconds":418,"state":{"name":"COMPLETED","result":{"name":"SUCCESSFUL","type":"pipeline_state_completed_successful"},"type":"pipeline_state_completed"},"target":{"commit":{"hash":"0123456789abcdef0123456789abcdef01234567","type":"commit"},"ref_name":"main","ref_type":"branch","type":"pipeline_ref_target"},"trigger":{"name":"PUSH","type":"pipeline_trigger_push"},"type":"pipeline","uuid":"{00000000-0000-4000-8000-0000000000e1}"})"},
                {"deployment",
                 R"({"environment":{"environment_type":{"name":"Production","rank":2},"name":"Production","type":"deployment_environment","uuid":"{00000000-0000-4000-8000-0000000000d1}"},"last_update_time":"2026-11-19T10:21:22.345678901Z","release":{"commit":{"hash":"0123456789abcdef0123456789abcdef01234567","type":"commit"},"created_on":"2026-11-19T10:12:13.456Z","name":"#186","pipeline":{"type":"pipeline","uuid":"{00000000-0000-4000-8000-0000000000e1}"}},"state":{"completed_on":"2026-11-19T10:21:22.345678901Z","deployer":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"},"name":"COMPLETED","started_on":"2026-11-19T10:20:01.234567890Z","status":{"name":"SUCCESSFUL","type":"deployment_state_completed_status_successful"}},"type":"deployment","uuid":"{00000000-0000-4000-8000-0000000000e2}"})"},
                {"commit",
                 R"({"author":{"raw":"Ada Example <ada@example.com>","type":"author","user":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}},"date":"2026-11-19T10:11:12+00:00","hash":"0123456789abcdef0123456789abcdef01234567","message":"Merged in round-once (pull request #42)\n\nRound prices once\n","parents":[{"hash":"89abcdef0123456789abcdef0123456789abcdef","type":"commit"}],"type":"commit"})"},
                {"build_status",
                 R"({"commit":{"hash":"0123456789abcdef0123456789abcdef01234567","type":"commit"},"created_on":"2026-11-19T10:00:00.000000+00:00","description":"","key":"farm-unit","name":"farm-unit","refname":null,"state":"SUCCESSFUL","type":"build","updated_on":"2026-11-19T10:05:00.000000+00:00","url":"https://ci.example.com/42"})"},
                {"merge_check",
                 R"({"size":1,"values":[{"blocking":true,"check":{"kind":"minimum_approvals","type":"standard_merge_check_definition"},"observed":{"approval_count":1},"required":true,"requirement":{"minimum_approvals":2},"status":"FAILED","type":"standard_merge_check"}]})"},
                {"group",
                 R"({"auto_add":false,"email_forwarding_disabled":false,"members":[{"account_id":"000000:00000000-0000-4000-8000-000000000001","display_name":"Ada Example","is_staff":false,"is_team":false,"nickname":"ada","uuid":"{00000000-0000-4000-8000-000000000001}"}],"name":"Developers","permission":"write","slug":"developers"})"},
                {"project_grant",
                 R"({"permission":"admin","type":"project_user_permission","user":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}})"},
                {"repository_access",
                 R"({"permission":"write","repository":{"full_name":"example-works/checkout","name":"checkout","type":"repository","uuid":"{00000000-0000-4000-8000-0000000000c1}"},"type":"repository_permission","user":{"account_id":"000000:00000000-0000-4000-8000-000000000002","display_name":"Grace Example","type":"user","uuid":"{00000000-0000-4000-8000-000000000002}"}})"},
                {"default_reviewer",
                 R"({"reviewer_type":"project","type":"default_reviewer","user":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}})"},
                {"project_default_reviewer",
                 R"({"reviewer_type":"project","type":"default_reviewer","user":{"display_name":"Ada Example","nickname":"ada","type":"user","uuid":"{00000000-0000-4000-8000-000000000001}"}})"},
                {"branching_model",
                 R"({"branch_types":[{"kind":"release","prefix":"release/"}],"development":{"branch":{"name":"main","type":"branch"},"name":"main","use_mainbranch":true},"production":null,"type":"effective_repository_branching_model"})"},
                {"main_branch",
                 R"({"default_merge_strategy":"merge_commit","merge_strategies":["merge_commit","squash"],"name":"main","target":{"date":"2026-11-21T08:09:10+00:00","hash":"0123456789abcdef0123456789abcdef01234567","type":"commit"},"type":"branch"})"},
                {"environment",
                 R"({"deployment_gate_enabled":true,"environment_lock_enabled":false,"environment_type":{"name":"Production","rank":2},"hidden":false,"name":"Production","rank":2,"restrictions":{"admin_only":true},"slug":"production","type":"deployment_environment","uuid":"{00000000-0000-4000-8000-0000000000d1}"})"},
                {"pipeline_config",
                 R"({"enabled":true,"type":"repository_pipelines_configuration"})"},
                {"pipeline_variable",
                 R"({"key":"REGISTRY_TOKEN","secured":true,"type":"pipeline_variable","uuid":"{00000000-0000-4000-8000-0000000000d2}"})"},
                {"pipeline_schedule", R"({"cron_pattern":"0 0 2 * * ? *","enabled":true,"target":{"ref_name":"main","ref_type":"branch","type":"pipeline_ref_target"},"type":"pipeline_schedule","uuid":"{00000000-0000-4000-8000-0000000000d3}"})"},
                {"runner",
                 R"({"created_on":"2026-01-02T03:04:05.000Z","labels":["linux","x86"],"name":"builder-1","state":{"cordoned":false,"status":"ONLINE","type":"runner_state","updated_on":"2026-11-21T08:09:10.000Z","version":{"current":"3.1.0"}},"type":"runner","uuid":"{00000000-0000-4000-8000-0000000000d4}"})"},
                {"deploy_key",
                 R"({"comment":"deploy@host.example.com","created_on":"2025-02-03T04:05:06.000000+00:00","id":123,"key":"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU","label":"deploy","last_used":null,"type":"deploy_key"})"},
                {"webhook",
                 R"({"active":true,"created_at":"2024-03-04T05:06:07.000000Z","description":"Build","events":["repo:push"],"secret_set":true,"skip_cert_verification":false,"subject_type":"repository","type":"webhook_subscription","url":"https://ci.example.com","url_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","uuid":"{00000000-0000-4000-8000-0000000000d5}"})"},
};

}  // namespace

std::string_view kind_example(std::string_view kind) {
  const auto* row = std::ranges::find(examples, kind, &Example::kind);
  return row == std::end(examples) ? "{}" : row->json;
}

}  // namespace evidenced::api
