#pragma once

#include "tests/simulator/stamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace evidenced::simulator {

/// A variable of Pipelines. Secured ones show no value; the others show a secret.
struct Variable {
  std::string uuid;
  std::string key;
  std::string value;  ///< "" when secured
  bool secured = false;
};

struct Schedule {
  std::string uuid;
  bool enabled = true;
  std::string cron;  ///< seven fields
  std::string branch;
  Micros created_on = 0;
  Micros updated_on = 0;
};

/// A machine of one's own that runs pipelines.
struct Runner {
  std::string uuid;
  std::string name;
  std::vector<std::string> labels;
  std::string status = "ONLINE";
  bool cordoned = false;
  Micros created_on = 0;
  Micros updated_on = 0;
};

struct Hook {
  std::string uuid;
  std::string url;  ///< holds secrets in user information, path or query
  std::string description;
  bool active = true;
  bool secret_set = false;
  bool skips_verification = false;
  std::vector<std::string> events;
  Micros created_on = 0;
};

struct DeployKey {
  std::int64_t id = 0;
  std::string key;  ///< "ssh-ed25519 AAAA…"
  std::string label;
  std::string comment;
  std::size_t added_by = 0;
  Micros created_on = 0;
  std::optional<Micros> last_used;
};

struct Environment {
  std::string uuid;
  std::string name;
  std::string slug;
  std::string type;  ///< Test, Staging or Production
  int rank = 0;
  bool admin_only = false;
  bool gated = false;
  bool locked = false;
};

/// The state of Pipelines in a repository: what …/pipelines_config answers.
enum class PipelinesState { never, disabled, enabled };

/// How a repository is set up, beside its grants and restrictions.
struct Setup {
  PipelinesState pipelines = PipelinesState::never;
  std::string production_branch;  ///< "": the model has none
  std::string feature_prefix = "feature/";
  std::string merge_strategy = "merge_commit";  ///< by default
  std::vector<std::size_t> default_reviewers;
  std::vector<Hook> hooks;
  std::vector<DeployKey> deploy_keys;
  std::vector<Variable> variables;
  std::vector<Schedule> schedules;
  std::vector<Runner> runners;
  std::vector<Environment> environments;
};

}  // namespace evidenced::simulator
