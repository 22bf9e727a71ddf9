#include "tests/simulator/scenario.hpp"

#include <boost/json/value_to.hpp>

#include <functional>
#include <map>
#include <stdexcept>

namespace evidenced::simulator {
namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view name) {
  throw std::invalid_argument(std::string(what) + ": " + std::string(name));
}

std::string text_of(const json::value& value) {
  return json::value_to<std::string>(value);
}

std::set<std::string> texts_of(const json::value& value) {
  const auto list = json::value_to<std::vector<std::string>>(value);
  return {list.begin(), list.end()};
}

Role role_of(const json::value& value) {
  static const std::map<std::string, Role> roles{
      {"none", Role::none}, {"member", Role::member}, {"admin", Role::admin}};
  const auto found = roles.find(text_of(value));
  if (found == roles.end()) refuse("unknown role", text_of(value));
  return found->second;
}

Switches::RetryAfter retry_after_of(const json::value& value) {
  const std::string name = text_of(value);
  if (name == "none") return Switches::RetryAfter::none;
  if (name == "seconds") return Switches::RetryAfter::seconds;
  if (name == "date") return Switches::RetryAfter::date;
  refuse("unknown retry_after", name);
}

Plan plan_of(const json::value& value) {
  const std::string name = text_of(value);
  if (name == "free") return Plan::free;
  if (name == "standard") return Plan::standard;
  if (name == "premium") return Plan::premium;
  refuse("unknown plan", name);
}

using Setter = std::function<void(Switches&, const json::value&)>;

Setter flag(bool Switches::* member) {
  return [member](Switches& switches, const json::value& value) {
    switches.*member = value.as_bool();
  };
}

template <class Number>
Setter number(Number Switches::* member) {
  return [member](Switches& switches, const json::value& value) {
    switches.*member = value.to_number<Number>();
  };
}

Setter names(std::set<std::string> Switches::* member) {
  return [member](Switches& switches, const json::value& value) {
    switches.*member = texts_of(value);
  };
}

const std::map<std::string, Setter, std::less<>>& setters() {
  static const std::map<std::string, Setter, std::less<>> table{
      {"legacy_endpoints", flag(&Switches::legacy_endpoints)},
      {"empty_401", flag(&Switches::empty_401)},
      {"error_without_type", flag(&Switches::error_without_type)},
      {"text_404", flag(&Switches::text_404)},
      {"html_404", flag(&Switches::html_404)},
      {"pr_sort_fails", flag(&Switches::pr_sort_fails)},
      {"refuse_or", flag(&Switches::refuse_or)},
      {"pipelines_need_slash", flag(&Switches::pipelines_need_slash)},
      {"pipelines_without_next", flag(&Switches::pipelines_without_next)},
      {"pipelines_next_drops_sort", flag(&Switches::pipelines_next_drops_sort)},
      {"opaque_next", flag(&Switches::opaque_next)},
      {"next_ampersand", flag(&Switches::next_ampersand)},
      {"omit_size", flag(&Switches::omit_size)},
      {"second_workspaces_shape", flag(&Switches::second_workspaces_shape)},
      {"redirect_slash", flag(&Switches::redirect_slash)},
      {"empty_next", flag(&Switches::empty_next)},
      {"lives", flag(&Switches::lives)},
      {"sorted_by_update", flag(&Switches::sorted_by_update)},
      {"retry_after_seconds", number(&Switches::retry_after_seconds)},
      {"limit_repositories", number(&Switches::limit_repositories)},
      {"limit_other", number(&Switches::limit_other)},
      {"limit_webhooks", number(&Switches::limit_webhooks)},
      {"limit_mergeability", number(&Switches::limit_mergeability)},
      {"limit_anonymous", number(&Switches::limit_anonymous)},
      {"old_groups_status", number(&Switches::old_groups_status)},
      {"clock_skew_seconds", number(&Switches::clock_skew_seconds)},
      {"deactivated", names(&Switches::deactivated)},
      {"spam", names(&Switches::spam)},
      {"migrated", names(&Switches::migrated)},
      {"plan",
       [](Switches& switches, const json::value& value) { switches.plan = plan_of(value); }},
      {"retry_after",
       [](Switches& switches, const json::value& value) {
         switches.retry_after = retry_after_of(value);
       }},
      {"max_page_length",
       [](Switches& switches, const json::value& value) {
         switches.max_page_length.reset();
         if (!value.is_null()) switches.max_page_length = value.to_number<std::int64_t>();
       }},
  };
  return table;
}

FaultKind fault_kind(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(FaultKind::action); ++i) {
    if (fault_name(static_cast<FaultKind>(i)) == name) return static_cast<FaultKind>(i);
  }
  refuse("unknown kind of fault", name);
}

}  // namespace

void apply_switches(Simulator& simulator, const json::object& script) {
  for (const auto& [name, value] : script) {
    if (name == "approvals_move_updated_on") {
      simulator.world().approvals_move_updated_on = value.as_bool();
      continue;
    }
    const auto found = setters().find(std::string_view(name));
    if (found == setters().end()) refuse("unknown switch", name);
    found->second(simulator.switches, value);
  }
}

Fault read_fault(Simulator& simulator, const json::object& script) {
  Fault fault;
  for (const auto& [name, value] : script) {
    if (name == "kind") {
      fault.kind = fault_kind(text_of(value));
    } else if (name == "path") {
      fault.path = text_of(value);
    } else if (name == "contains") {
      fault.contains = text_of(value);
    } else if (name == "field") {
      fault.field = text_of(value);
    } else if (name == "text") {
      fault.text = text_of(value);
    } else if (name == "first") {
      fault.first = value.to_number<std::uint64_t>();
    } else if (name == "count") {
      fault.count = value.to_number<std::uint64_t>();
    } else if (name == "status") {
      fault.status = value.to_number<int>();
    } else if (name == "size") {
      fault.size = value.to_number<std::uint64_t>();
    } else if (name == "delay_ms") {
      fault.delay = std::chrono::milliseconds(value.to_number<std::int64_t>());
    } else if (name == "mutate") {
      const auto steps = value.to_number<std::size_t>();
      fault.action = [&simulator, steps] { simulator.mutate(steps); };
    } else {
      refuse("unknown member of a fault", name);
    }
  }
  return fault;
}

TokenOptions read_token(const json::object& script) {
  static const std::map<std::string, CredentialKind> kinds{
      {"api_token", CredentialKind::api_token},
      {"unscoped_api_token", CredentialKind::unscoped_api_token},
      {"workspace_access_token", CredentialKind::workspace_access_token}};
  TokenOptions options;
  for (const auto& [name, value] : script) {
    if (name == "email") {
      options.email = text_of(value);
    } else if (name == "token") {
      options.token = text_of(value);
    } else if (name == "kind") {
      if (!kinds.contains(text_of(value))) refuse("unknown kind of credential", text_of(value));
      options.kind = kinds.at(text_of(value));
    } else if (name == "scopes") {
      options.scopes = json::value_to<std::vector<std::string>>(value);
    } else if (name == "profile") {
      if (text_of(value) == "read")
        options.scopes = read_scopes();
      else if (text_of(value) != "control")
        refuse("unknown profile", text_of(value));
    } else if (name == "role") {
      options.role = role_of(value);
    } else if (name == "roles") {
      for (const auto& [slug, role] : value.as_object()) options.roles[slug] = role_of(role);
    } else if (name == "administrated_repositories") {
      options.administrated_repositories = texts_of(value);
    } else if (name == "administrated_projects") {
      options.administrated_projects = texts_of(value);
    } else if (name == "hidden") {
      options.hidden_repositories = texts_of(value);
    } else if (name == "forbidden") {
      options.forbidden_repositories = texts_of(value);
    } else if (name == "expires") {
      const auto micros = read_stamp(text_of(value));
      if (!micros) refuse("no timestamp", text_of(value));
      options.expires = Timestamp(std::chrono::milliseconds(*micros / 1000));
    } else if (name == "dies_after") {
      options.dies_after = value.to_number<std::uint64_t>();
    } else if (name == "person") {
      options.person = value.to_number<std::size_t>();
    } else {
      refuse("unknown member of a token", name);
    }
  }
  return options;
}

void apply_scenario(Simulator& simulator, const json::object& script) {
  for (const auto& [name, value] : script) {
    if (name == "switches") {
      apply_switches(simulator, value.as_object());
    } else if (name == "faults") {
      for (const json::value& fault : value.as_array())
        simulator.add_fault(read_fault(simulator, fault.as_object()));
    } else if (name == "tokens") {
      for (const json::value& token : value.as_array())
        simulator.add_token(read_token(token.as_object()));
    } else {
      refuse("unknown member of a scenario", name);
    }
  }
}

}  // namespace evidenced::simulator
