#include "connector/bitbucket/known_words.hpp"

#include <algorithm>

namespace evidenced::connector::bitbucket {

namespace {

/// The words of one enumeration, with a blank between them.
struct Words {
  std::string_view kind;
  std::string_view path;
  std::string_view words;
};

constexpr std::string_view permissions = "read write admin none";
constexpr std::string_view project_permissions = "read write create-repo admin none";
constexpr std::string_view merge_strategies =
    "merge_commit squash fast_forward squash_fast_forward rebase_fast_forward rebase_merge";
constexpr std::string_view branch_types = "feature bugfix release hotfix";
constexpr std::string_view step_states = "PENDING IN_PROGRESS COMPLETED";
constexpr std::string_view pull_request_states = "OPEN MERGED DECLINED SUPERSEDED DRAFT";

constexpr Words word_table[] = {
    {"workspace_member", "permission", "owner collaborator member create-project"},
    {"group", "permission", permissions},
    {"repository", "scm", "git"},
    {"repository", "fork_policy", "allow_forks no_public_forks no_forks"},
    {"repository_access", "permission", permissions},
    {"repository_grant", "permission", permissions},
    {"project_grant", "permission", project_permissions},
    {"pull_request", "state", pull_request_states},
    {"pull_request", "participants[].role", "PARTICIPANT REVIEWER"},
    {"pull_request", "participants[].state", "approved changes_requested"},
    {"pull_request_activity", "update.state", pull_request_states},
    {"branch_restriction", "kind",
     "push delete force restrict_merges require_tasks_to_be_completed require_approvals_to_merge "
     "require_review_group_approvals_to_merge require_default_reviewer_approvals_to_merge "
     "require_no_changes_requested require_passing_builds_to_merge require_commits_behind "
     "reset_pullrequest_approvals_on_change smart_reset_pullrequest_approvals "
     "reset_pullrequest_changes_requested_on_change require_all_dependencies_merged "
     "enforce_merge_checks allow_auto_merge_when_builds_pass require_all_comments_resolved"},
    {"branch_restriction", "branch_match_kind", "branching_model glob"},
    {"branch_restriction", "branch_type", "feature bugfix release hotfix development production"},
    {"branching_model", "branch_types[].kind", branch_types},
    {"main_branch", "default_merge_strategy", merge_strategies},
    {"main_branch", "merge_strategies[]", merge_strategies},
    {"default_reviewer", "reviewer_type", "repository project"},
    {"merge_check", "values[].status", "PASSED FAILED PENDING SKIPPED UNKNOWN"},
    {"build_status", "state", "FAILED INPROGRESS STOPPED SUCCESSFUL"},
    {"pipeline", "state.name", step_states},
    {"pipeline", "state.stage.name", "RUNNING PAUSED HALTED PENDING"},
    {"pipeline", "state.result.name", "SUCCESSFUL FAILED ERROR STOPPED EXPIRED"},
    {"pipeline", "target.ref_type", "branch tag named_branch bookmark"},
    {"deployment", "state.name", "UNDEPLOYED IN_PROGRESS COMPLETED"},
    {"deployment", "state.status.name", "SUCCESSFUL FAILED STOPPED"},
    {"environment", "environment_type.name", "Test Staging Production"},
    {"runner", "state.status", "UNREGISTERED ONLINE OFFLINE DISABLED ENABLED UNHEALTHY"},
    {"webhook", "subject_type", "repository workspace project user"},
};

/// What `type` says, wherever it stands: the names of schemas; of selectors, what they select.
constexpr std::string_view object_types =
    "account aad_user app_user author base_commit bookmarks branch branches branching_model "
    "branching_model_settings branchrestriction build comment commit commit_comment commit_file "
    "commitstatus committer component creole current_user_permission_check custom "
    "custom_on_merge_check custom_pre_merge_check default default_reviewer deploy_key deployment "
    "deployment_environment deployment_environment_category deployment_environment_lock "
    "deployment_environment_lock_locked deployment_environment_lock_open "
    "deployment_environment_lock_opened deployment_environment_type deployment_gate "
    "deployment_release deployment_restrictions_configuration deployment_state "
    "deployment_state_completed deployment_state_completed_status "
    "deployment_state_completed_status_failed deployment_state_completed_status_stopped "
    "deployment_state_completed_status_successful deployment_state_in_progress "
    "deployment_state_undeployed deployment_variable effective_repo_branching_model email "
    "git_mergeability_check group issue issue_comment merge_queue merge_queue_check "
    "named_branch participant pipeline pipeline_build_number pipeline_cache "
    "pipeline_commit_target pipeline_error pipeline_pullrequest_target pipeline_ref_target "
    "pipeline_runner pipeline_runner_state pipeline_runner_version pipeline_schedule "
    "pipeline_selector pipeline_ssh_key_pair pipeline_state pipeline_state_completed "
    "pipeline_state_completed_error pipeline_state_completed_expired "
    "pipeline_state_completed_failed pipeline_state_completed_result "
    "pipeline_state_completed_stopped pipeline_state_completed_successful "
    "pipeline_state_in_progress pipeline_state_in_progress_halted "
    "pipeline_state_in_progress_paused pipeline_state_in_progress_pending "
    "pipeline_state_in_progress_running pipeline_state_in_progress_stage pipeline_state_pending "
    "pipeline_step pipeline_target pipeline_trigger pipeline_trigger_manual "
    "pipeline_trigger_parent_step pipeline_trigger_push pipeline_trigger_schedule "
    "pipeline_variable pipelines_config project project_branching_model "
    "project_branching_model_settings project_default_reviewer project_deploy_key "
    "project_group_permission project_user_permission pull-requests pullrequest "
    "pullrequest_comment pullrequest_state_check rendered repository repository_group_permission "
    "repository_permission repository_pipelines_configuration repository_user_permission ssh_key "
    "standard_merge_check standard_merge_check_definition tag tags team user version "
    "webhook_subscription workspace workspace_access workspace_base workspace_membership "
    "workspace_runner";

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == wanted) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

std::string_view leaf_of(std::string_view path) {
  if (path.ends_with("[]")) return "[]";
  return path.substr(path.rfind('.') + 1);
}

}  // namespace

bool may_hold_words(std::string_view kind, std::string_view name) {
  return std::ranges::any_of(
      word_table, [&](const Words& row) { return row.kind == kind && leaf_of(row.path) == name; });
}

bool is_known_word(std::string_view kind, std::string_view path, std::string_view word) {
  const auto* row = std::ranges::find_if(
      word_table, [&](const Words& words) { return words.kind == kind && words.path == path; });
  if (row != std::end(word_table)) return has_word(row->words, word);
  return leaf_of(path) != "type" || has_word(object_types, word);
}

}  // namespace evidenced::connector::bitbucket
