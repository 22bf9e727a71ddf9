#include "server/cli/command_table.hpp"

#include "server/cli/commands.hpp"

#include <algorithm>
#include <array>

namespace evidenced::cli {
namespace {

constexpr auto client = CommandKind::client;
constexpr auto local = CommandKind::local;
constexpr auto plain = CommandKind::plain;
constexpr bool repeated = true;

const Argument source_id = {"SOURCE", "Id of the source (src_…)"};
const Argument hook_id = {"HOOK", "Id of the hook (hook_…)"};
const Argument sync_id = {"SYNC", "Id of the sync (syn_…)"};
const Option limit = {"--limit", "N", "Show at most N (default 100)"};
const Option all = {"--all", "", "Show everything, page by page"};
const Option wait = {"--wait", "", "Follow the sync until it is done"};
const Option email = {"--email", "EMAIL", "E-mail of the Atlassian account"};
const Option token_file = {"--token-file", "FILE",
                           "File with the API token; without it the token is read from standard "
                           "input, never from an argument"};
const Option expires_at = {"--expires-at", "DATE",
                           "When the token expires, as shown at its creation (2027-10-31)"};

std::vector<Option> artifact_filters() {
  return {{"--kind", "KIND", "Only this kind, see `artifact kinds`", repeated},
          {"--source", "SOURCE", "Only of this source", repeated},
          {"--workspace", "SLUG", "Only in this workspace", repeated},
          {"--project", "KEY", "Only in this project", repeated},
          {"--repository", "WS/SLUG", "Only in this repository", repeated},
          {"--state", "STATE", "Only in this state, as Bitbucket calls it (MERGED)", repeated},
          {"--search", "TEXT", "Only with this in the title or the upstream id"},
          {"--sort", "ORDER", "id (as first seen), -id (newest first) or -changed"},
          {"--changed-since", "TIME", "Only changed at or after this time (RFC 3339)"},
          {"--removed", "true|only", "Those that were removed, too, or only those"}};
}

/// Of reports: where, and how many.
std::vector<Option> report_options() {
  return {{"--source", "SOURCE", "Only of this source", repeated},
          {"--workspace", "SLUG", "Only in this workspace", repeated},
          {"--project", "KEY", "Only in this project", repeated},
          {"--repository", "WS/SLUG", "Only in this repository", repeated},
          {"--file", "FILE", "Write jsonl or csv to FILE instead of standard output"},
          limit,
          all};
}

std::vector<Option> joined(std::vector<Option> a, std::vector<Option> b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<Command>& table() {
  static const std::vector<Command> rows = {
      {"serve", "Run the daemon", local, {}, {}, serve},
      {"init",
       "Write configuration and master key, create the database, print the first API key once",
       plain,
       {},
       {{"--config", "FILE", "Configuration file to write (default evidenced.toml)"},
        {"--state", "DIR", "Folder for database and master key (default state)"}},
       init},

      {"source add",
       "Register a source: validated against Bitbucket before it is stored",
       client,
       {},
       {{"--name", "NAME", "Name of the source"},
        email,
        token_file,
        expires_at,
        {"--workspace", "SLUG", "A workspace to cover (default: all the account sees)", repeated},
        {"--interval", "DURATION", "Time between syncs (PT1H)"},
        {"--tag", "TAG", "A tag", repeated},
        {"--no-sync", "", "Do not start a sync at once"},
        {"--validate-only", "", "Check the credential and store nothing"},
        wait},
       source_add},
      {"source list",
       "List sources",
       client,
       {},
       {{"--state", "STATE", "Only in this state", repeated},
        {"--tag", "TAG", "Only with this tag", repeated},
        {"--workspace", "SLUG", "Only naming this workspace", repeated},
        {"--expires-before", "TIME", "Only with a credential that expires before (RFC 3339)"},
        limit,
        all},
       source_list},
      {"source show", "Show a source", client, {source_id}, {}, source_show},
      {"source coverage",
       "Show what the credential can read of each kind, and why not the rest",
       client,
       {source_id},
       {},
       source_coverage},
      {"source drift",
       "List how Bitbucket's answers differ from what they were",
       client,
       {source_id},
       {},
       source_drift},
      {"source test", "Check the stored credential again", client, {source_id}, {}, source_test},
      {"source pause", "Pause a source", client, {source_id}, {}, source_pause},
      {"source resume", "Resume a paused source", client, {source_id}, {}, source_resume},
      {"source rotate",
       "Replace the credential: same account, at least the same reach",
       client,
       {source_id},
       {{"--email", "EMAIL", "E-mail of the Atlassian account (default: the one in use)"},
        token_file,
        expires_at},
       source_rotate},
      {"source rm",
       "Delete a source: its credential is wiped at once, its evidence is kept",
       client,
       {source_id},
       {{"--purge-evidence", "", "Delete what was collected, too (admin)"},
        {"--yes", "", "Do not ask"}},
       source_rm},

      {"sync start",
       "Start a sync",
       client,
       {source_id},
       {{"--mode", "incremental|full", "How much is read again (default incremental)"},
        {"--stream", "KIND", "Only this kind", repeated},
        wait},
       sync_start},
      {"sync list",
       "List syncs, newest first",
       client,
       {},
       {{"--source", "SOURCE", "Only of this source", repeated},
        {"--state", "STATE", "Only in this state", repeated},
        limit,
        all},
       sync_list},
      {"sync show", "Show a sync and its streams", client, {sync_id}, {}, sync_show},
      {"sync watch", "Follow a sync until it is done", client, {sync_id}, {}, sync_watch},
      {"sync cancel", "Stop a sync at its next page", client, {sync_id}, {}, sync_cancel},

      {"artifact list",
       "List artifacts",
       client,
       {},
       joined(artifact_filters(), {limit, all}),
       artifact_list},
      {"artifact get",
       "Show an artifact",
       client,
       {{"ARTIFACT", "Id of the artifact (art_…)"}},
       {{"--raw", "", "The stored bytes, as they are"},
        {"--revision", "N", "What it was, as revision N"},
        {"--revisions", "", "List its revisions"}},
       artifact_get},
      {"artifact export",
       "Stream artifacts as JSON lines or CSV; what was received is verified",
       client,
       {},
       joined(artifact_filters(), {{"--file", "FILE", "Write to FILE instead of standard output"},
                                   {"-o,--output", "FORMAT", "jsonl or csv (default jsonl)"}}),
       artifact_export},
      {"artifact kinds",
       "List what is collected, with the scopes it needs",
       client,
       {},
       {},
       artifact_kinds},

      {"report access",
       "Who may do what in which repository; as jsonl or csv with the grants behind it",
       client,
       {},
       joined({{"--permission", "PERMISSION", "Only people with admin, write or read", repeated},
               {"--search", "TEXT", "Only people with this in their name"}},
              report_options()),
       report_access},
      {"report changes",
       "Merged pull requests, the newest first, and what may be wrong with each",
       client,
       {},
       joined({{"--from", "TIME", "Only merged at or after this time (RFC 3339)"},
               {"--to", "TIME", "Only merged at or before this time"},
               {"--branch", "NAME", "Only merged into this branch", repeated},
               {"--author", "UUID", "Only of this author", repeated},
               {"--merged-by", "UUID", "Only merged by this person", repeated},
               {"--finding", "FINDING", "Only with this finding (not_approved, …)", repeated},
               {"--search", "TEXT", "Only with this in the title"}},
              report_options()),
       report_changes},

      {"expirations",
       "List when credentials expire, the next one first; exit code 3 within 7 days",
       client,
       {},
       {{"--state", "STATE", "Only in this state: ok, expiring or expired", repeated},
        {"--expires-before", "TIME", "Only those that expire before (RFC 3339)"},
        limit,
        all},
       expirations},
      {"calendar create",
       "Create a calendar of expiry dates; its URL is shown once",
       client,
       {},
       {{"--name", "NAME", "Name of the calendar"},
        {"--without-names", "", "Put ids of sources into it in place of their names"}},
       calendar_create},
      {"calendar list", "List calendars", client, {}, {limit, all}, calendar_list},
      {"calendar revoke",
       "Revoke a calendar, at once",
       client,
       {{"CALENDAR", "Id of the calendar (cal_…)"}},
       {},
       calendar_revoke},

      {"hook create",
       "Create a hook for webhooks of Bitbucket; its secret is shown once",
       client,
       {},
       {{"--name", "NAME", "Name of the hook"},
        {"--source", "SOURCE", "The source that the webhooks are about"}},
       hook_create},
      {"hook list", "List hooks and what came to them", client, {}, {limit, all}, hook_list},
      {"hook show", "Show a hook, without its secret", client, {hook_id}, {}, hook_show},
      {"hook rotate",
       "Replace the secret of a hook; the old one is good for 24 hours",
       client,
       {hook_id},
       {},
       hook_rotate},
      {"hook rm", "Revoke a hook, at once", client, {hook_id}, {}, hook_rm},

      {"key create",
       "Create an API key; it is shown once",
       client,
       {},
       {{"--name", "NAME", "Name of the key"},
        {"--role", "ROLE", "admin, operator, reviewer or auditor", repeated},
        {"--expires-at", "DATE", "When the key ends"},
        {"--source", "SOURCE", "Limit the key to this source", repeated},
        {"--window-from", "TIME", "Limit the key to what was observed at or after this (RFC 3339)"},
        {"--window-to", "TIME", "… and at or before this (RFC 3339)"}},
       key_create},
      {"key list", "List API keys", client, {}, {limit, all}, key_list},
      {"key revoke",
       "Revoke an API key, at once",
       client,
       {{"KEY", "Id of the key (key_…)"}},
       {},
       key_revoke},
      {"key link",
       "Make a link that signs in to the console with the rights of the key: once, within 5 "
       "minutes",
       client,
       {},
       {},
       key_link},

      {"config check",
       "Check the configuration and name every mistake",
       local,
       {},
       {},
       config_check},
      {"config show",
       "Show the settings in force",
       local,
       {},
       {{"--origin", "", "Show where each comes from"}, output_option},
       config_show},
      {"config sample", "Print a commented configuration file", plain, {}, {}, config_sample},
      {"config manual",
       "Print the manual of all settings (docs/config.md)",
       plain,
       {},
       {},
       config_manual},

      {"doctor",
       "Check configuration, keys, database and the way to Bitbucket",
       local,
       {},
       {output_option},
       doctor},
      {"status", "Show how the daemon and its sources fare", client, {}, {}, status},
      {"healthcheck",
       "Ask the configured daemon whether it lives: exit code 0 or 1",
       local,
       {},
       {},
       healthcheck},
      {"version", "Print the version", plain, {}, {output_option}, show_version},
  };
  return rows;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> groups = {
    {{"source", "Register and manage sources"},
     {"sync", "Start and follow syncs"},
     {"artifact", "List, show and export what was collected"},
     {"report", "Show who may do what, and what was merged"},
     {"calendar", "Manage calendars of expiry dates"},
     {"hook", "Manage hooks for webhooks of Bitbucket"},
     {"key", "Manage API keys"},
     {"config", "Check and show the configuration"}}};

}  // namespace

std::string Invocation::text(std::string_view name) const {
  const auto it = values.find(name);
  return it == values.end() || it->second.empty() ? "" : it->second.back();
}

std::vector<std::string> Invocation::all(std::string_view name) const {
  const auto it = values.find(name);
  return it == values.end() ? std::vector<std::string>() : it->second;
}

std::span<const Command> command_table() {
  return table();
}

std::span<const std::pair<std::string_view, std::string_view>> command_groups() {
  return groups;
}

namespace {

std::vector<Option> common_options(CommandKind kind) {
  if (kind == CommandKind::local) {
    return {{"--config", "FILE", "Configuration file (EVIDENCED_CONFIG)"}};
  }
  if (kind == CommandKind::plain) return {};
  return {{"--url", "URL", "The daemon (EVIDENCED_URL; default http://127.0.0.1:8080)"},
          {"--api-key-file", "FILE",
           "File with the API key (EVIDENCED_API_KEY_FILE; or the key itself in "
           "EVIDENCED_API_KEY)"},
          {"--ca-file", "FILE", "Further trusted certificates, PEM (EVIDENCED_CA_FILE)"},
          output_option};
}

}  // namespace

std::vector<Option> options_of(const Command& command) {
  std::vector<Option> options = command.options;
  for (const Option& common : common_options(command.kind)) {
    const bool own =
        std::ranges::find(command.options, common.flag, &Option::flag) != command.options.end();
    if (!own) options.push_back(common);
  }
  return options;
}

}  // namespace evidenced::cli
