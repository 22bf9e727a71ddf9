#pragma once

#include "storage/nouns.hpp"
#include "storage/sync_store.hpp"
#include "tests/deterministic/machine.hpp"
#include "tests/simulator/tokens.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace evidenced::deterministic {

/// The people who use a machine: what they register, ask for, pause and cancel, through the stores
/// that the API writes with. The machine runs.
class House {
 public:
  struct Parts {
    Machine& machine;
    simulator::VirtualClock& clock;
    simulator::Dice& dice;
    Trace& trace;
  };
  explicit House(Parts parts) : parts_(parts) {}

  void add_source(const simulator::Token& token, const std::string& account,
                  const std::string& email, std::chrono::seconds interval);

  /// Whatever comes to somebody's mind; the id of the sync that was queued by it, or "".
  std::string order();

  std::string queue_full(const std::string& source_id);
  void resume_all();

  const std::vector<std::string>& sources() const { return sources_; }
  storage::Sync sync(const std::string& id);
  bool is_done(const std::string& id);

  static std::string describe(const storage::Sync& sync);

 private:
  std::string queue(const std::string& source_id, storage::SyncMode mode);
  void cancel(const std::string& source_id);
  void set_state(const std::string& source_id, storage::SourceState state);
  template <class F>
  auto write(F work) {
    return at_once(parts_.machine.database(), storage::Access::write, std::move(work));
  }

  Parts parts_;
  std::vector<std::string> sources_;
};

}  // namespace evidenced::deterministic
