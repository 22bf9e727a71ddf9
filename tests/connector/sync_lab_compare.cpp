#include "storage/artifact_store.hpp"
#include "tests/connector/sync_lab.hpp"
#include "tests/simulator/collected.hpp"

namespace evidenced::tests {

using storage::Connection;

std::map<std::string, std::string> SyncLab::stored(const std::string& source_id) {
  auto list = [&](Connection& connection) -> Result<simulator::Collection> {
    return simulator::stored_artifacts(connection, source_id);
  };
  return read(std::move(list)).value();
}

std::size_t SyncLab::removed(const std::string& source_id) {
  storage::ArtifactFilter filter;
  filter.source_ids = {source_id};
  filter.removed = storage::Removed::only;
  filter.limit = 500;
  auto list = [&](Connection& connection) -> Result<std::vector<storage::Artifact>> {
    return storage::list_artifacts(connection, tenant, filter);
  };
  return read(std::move(list)).value().size();
}

std::map<std::string, storage::Checkpoint> SyncLab::walks(const std::string& source_id,
                                                          const std::string& stream) {
  auto list = [&](Connection& connection) -> Result<std::map<std::string, storage::Checkpoint>> {
    std::map<std::string, storage::Checkpoint> found;
    for (auto& [key, walk] : storage::list_checkpoints(connection, source_id, stream)) {
      found.emplace(key.partition, std::move(walk));
    }
    return found;
  };
  return read(std::move(list)).value();
}

std::map<std::string, std::string> SyncLab::expected(const simulator::Token& token) {
  return simulator::collected(*simulator_, token);
}

std::vector<std::string> SyncLab::differences(const std::string& source_id,
                                              const std::vector<std::string>& kinds,
                                              bool others_by_id) {
  return simulator::differences(
      stored(source_id), expected(*token_),
      {clock_.now(), settings_.connector.history_days, kinds, others_by_id});
}

}  // namespace evidenced::tests
