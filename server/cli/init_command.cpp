#include "config/clock.hpp"
#include "config/master_key.hpp"
#include "config/settings_manual.hpp"
#include "config/settings_table.hpp"
#include "console/assets.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/text_table.hpp"
#include "storage/session_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/vault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <ostream>
#include <set>

namespace evidenced::cli {
namespace {

namespace fs = std::filesystem;

/// What init makes, and takes away again unless it is all there.
class Made {
 public:
  Made() = default;
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() {
    std::error_code ignored;  // a folder that somebody else put something into stays
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) fs::remove(*path, ignored);
  }
  void add(const fs::path& path) { paths_.push_back(path); }

  /// The folders that hold what was made.
  std::set<fs::path> folders() const {
    std::set<fs::path> folders;
    for (const fs::path& path : paths_) folders.insert(path.parent_path());
    return folders;
  }
  void keep() { paths_.clear(); }

 private:
  std::vector<fs::path> paths_;
};

struct Paths {
  fs::path config;
  fs::path state;
  fs::path key;
  fs::path database;
};

Paths paths_of(const Context& context) {
  const auto absolute = [&](const char* option, const char* otherwise) {
    const std::string given = context.given.text(option);
    return fs::absolute(given.empty() ? otherwise : given).lexically_normal();
  };
  Paths paths;
  paths.config = absolute("--config", "evidenced.toml");
  paths.state = absolute("--state", "state");
  if (!paths.state.has_filename()) paths.state = paths.state.parent_path();
  paths.key = paths.state / "master.key";
  paths.database = paths.state / "evidenced.db";
  return paths;
}

std::unexpected<Error> not_writable(const fs::path& path) {
  return fail("storage.not_writable", fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

Result<void> refuse_existing(const Paths& paths) {
  for (const fs::path& path : {paths.database, paths.key, paths.config}) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(path, ignored))) {
      return fail("storage.exists", path.string() + " exists; nothing was changed");
    }
  }
  return {};
}

/// Makes a folder and those above it that are missing, all of them private.
Result<void> make_folder(const fs::path& folder, Made& made) {
  std::error_code ignored;
  if (folder.empty() || fs::is_directory(folder, ignored)) return {};
  const Result<void> above = make_folder(folder.parent_path(), made);
  if (!above) return above;
  if (::mkdir(folder.c_str(), 0700) != 0) return not_writable(folder);
  made.add(folder);
  return {};
}

/// A new private file, durable when this returns.
Result<void> write_file(const fs::path& path, std::string_view text, Made& made) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return not_writable(path);
  made.add(path);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int failure = errno;
  ::close(fd);
  errno = failure;
  if (!written) return not_writable(path);
  return {};
}

/// Names are durable when their folder is.
Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int failure = errno;
  if (fd >= 0) ::close(fd);
  errno = failure;
  if (!synced) return not_writable(folder);
  return {};
}

Result<void> run(storage::Database& database, storage::Database::Work work) {
  boost::asio::io_context io{1};
  Result<void> result;
  std::exception_ptr bug;
  boost::asio::co_spawn(io, database.run(storage::Access::write, std::move(work)),
                        [&](const std::exception_ptr& failure, Result<void> ran) {
                          bug = failure;
                          result = std::move(ran);
                        });
  io.run();
  if (bug) std::rethrow_exception(bug);
  return result;
}

/// What the first person comes in with; neither can be shown again.
struct Entrance {
  Secret key;
  Secret code;  ///< of a sign-in link
};

Entrance make_entrance(storage::Connection& connection, const storage::Vault& vault,
                       Random& random) {
  storage::ApiKey row;
  row.name = "first key";
  row.roles = {storage::Role::admin, storage::Role::operator_, storage::Role::reviewer,
               storage::Role::auditor};
  const Timestamp now = SystemClock().now();
  storage::TenantScope tenant{std::string(storage::default_tenant)};
  storage::NewKey made = storage::create_key(connection, tenant, row, vault, now, random);
  const storage::AuthenticatedKey owner{.tenant = std::move(tenant), .key = std::move(made.key)};
  storage::SignInLink link =
      storage::create_sign_in_link(connection, owner, vault, now, random, storage::first_link_life);
  return {.key = std::move(made.text), .code = std::move(link.code)};
}

/// The database with its vault, and the first key.
Result<Entrance> create_database(const Paths& paths, const Secret& master_key, Made& made) {
  storage::SqliteOptions options;
  options.path = paths.database.string();
  options.create = true;
  options.inline_threads = true;
  for (const char* suffix : {".lock", "-shm", "-wal", ""}) {
    std::error_code ignored;
    const fs::path path = options.path + suffix;
    if (!fs::exists(path, ignored)) made.add(path);
  }
  const Result<std::unique_ptr<storage::Database>> database = storage::open_sqlite(options);
  if (!database) return fail(database);
  Entrance entrance;
  const Result<void> filled = run(**database, [&](storage::Connection& connection) -> Result<void> {
    SystemRandom random;
    const Result<storage::Vault> vault = storage::Vault::create(connection, master_key, random);
    if (!vault) return fail(vault);
    entrance = make_entrance(connection, *vault, random);
    return {};
  });
  if (!filled) return fail(filled);
  return entrance;
}

std::string settings_text(const Paths& paths) {
  return settings_sample({{"master_key_file", toml_string(paths.key.string())},
                          {"storage.url", toml_string("sqlite:///" + paths.database.string())}});
}

Result<Entrance> make_all(const Paths& paths, Made& made) {
  const Result<void> fresh = refuse_existing(paths);
  if (!fresh) return fail(fresh);
  for (const fs::path& folder : {paths.state, paths.config.parent_path()}) {
    const Result<void> folder_made = make_folder(folder, made);
    if (!folder_made) return fail(folder_made);
  }
  SystemRandom random;
  const Result<void> key_made = create_master_key(paths.key.string(), random);
  if (!key_made) return fail(key_made);
  made.add(paths.key);
  Settings settings;
  settings.master_key_file = paths.key.string();
  const Result<Secret> master_key = load_master_key(settings);
  if (!master_key) return fail(master_key);
  Result<Entrance> entrance = create_database(paths, *master_key, made);
  if (!entrance) return entrance;
  const Result<void> config_made = write_file(paths.config, settings_text(paths), made);
  if (!config_made) return fail(config_made);
  for (const fs::path& folder : made.folders()) {
    const Result<void> synced = sync_folder(folder);
    if (!synced) return fail(synced);
  }
  return entrance;
}

}  // namespace

Outcome<int> init(Context& context) {
  const Paths paths = paths_of(context);
  Made made;
  const Result<Entrance> entrance = make_all(paths, made);
  if (!entrance) return failed(entrance.error());
  context.terminal.out << fmt::format(
      "configuration  {}\n"
      "database       {}\n"
      "master key     {} (keep a copy apart from the database)\n"
      "\n"
      "Start the daemon:  evidenced serve --config {}\n",
      printable(paths.config.string()), printable(paths.database.string()),
      printable(paths.key.string()), printable(paths.config.string()));
  if (!console::assets().empty()) {
    context.terminal.out << fmt::format(
        "Sign in to the console, once and within an hour (later: evidenced key link):\n"
        "http://{}/ui/sign-in#code={}\n",
        Settings().server.listen, entrance->code.reveal());
  }
  context.terminal.out << "The first API key has all four roles. It is shown this once:\n"
                       << entrance->key.reveal() << '\n'
                       << std::flush;
  // A key that nobody has seen opens nothing: better to begin anew.
  if (context.terminal.out) made.keep();
  return 0;
}

}  // namespace evidenced::cli
