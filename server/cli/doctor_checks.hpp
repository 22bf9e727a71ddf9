#pragma once

#include "config/error.hpp"
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace evidenced::cli {

enum class Verdict { passed, noted, warned, failed };

/// One line of the doctor's report.
struct Finding {
  Verdict verdict = Verdict::passed;
  std::string subject;  ///< "master key"
  std::string detail;
  std::vector<std::string> remedy;  ///< one step each
};

/// The finding of an error: its detail, and the remedy of its code.
Finding finding_of(std::string subject, const Error& error);

// Each looks at one thing and changes nothing; `settings` are those in force.

std::vector<Finding> check_key(const Settings& settings);
std::vector<Finding> check_files(const Settings& settings);

/// Schema, integrity and key of the database. When a daemon has it open only that is said: the file
/// is the daemon's alone.
std::vector<Finding> check_database(const Settings& settings);

/// Resolves, connects and asks the configured Bitbucket over TLS, without a credential; compares
/// the clocks.
std::vector<Finding> check_upstream(const Settings& settings);

}  // namespace evidenced::cli
