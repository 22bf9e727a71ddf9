#include "tests/server/state_folder.hpp"

#include "config/clock.hpp"
#include "config/log.hpp"
#include "config/random.hpp"
#include "storage/key_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/vault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdlib.h>

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace evidenced::server {

StateFolder::StateFolder() {
  log::set_level(log::Level::off);
  char name[] = "/tmp/evidenced-state-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
  storage::SqliteOptions options;
  options.path = database();
  options.create = true;
  options.inline_threads = true;
  const auto opened = storage::open_sqlite(options);
  if (!opened) throw std::runtime_error(opened.error().detail);
  storage::Database::Work work = [this](storage::Connection& connection) -> Result<void> {
    SystemRandom random;
    const Result<storage::Vault> vault = storage::Vault::create(connection, master_key(), random);
    if (!vault) return fail(vault);
    storage::ApiKey key;
    key.name = "test";
    key.roles = {storage::Role::admin, storage::Role::reviewer};
    const storage::TenantScope tenant{std::string(storage::default_tenant)};
    api_key_ = storage::create_key(connection, tenant, key, *vault, SystemClock().now(), random)
                   .text.reveal();
    return {};
  };
  boost::asio::io_context io{1};
  Result<void> result = fail("internal.error");
  boost::asio::co_spawn(
      io, (*opened)->run(storage::Access::write, std::move(work)),
      [&result](const std::exception_ptr&, Result<void> ran) { result = std::move(ran); });
  io.run();
  if (!result) throw std::runtime_error(result.error().detail);
}

StateFolder::~StateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Settings StateFolder::settings() const {
  Settings settings;
  settings.server.listen = "127.0.0.1:0";
  settings.storage.url = "sqlite:///" + database();
  settings.connector.base_url = "https://localhost:1";
  return settings;
}

}  // namespace evidenced::server
