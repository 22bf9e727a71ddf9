#pragma once

#include "tests/simulator/dice.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::deterministic {

/// What a disk is asked to do.
enum class Op { open, read, write, truncate, sync, lock };

/// How often a disk fails; 0 is never.
struct DiskFaults {
  std::uint32_t one_in = 0;       ///< calls that meet an error
  std::uint32_t burst = 1;        ///< at most so many calls in a row
  std::uint32_t sync_one_in = 0;  ///< syncs that fail: the process must end there
  std::uint32_t busy_one_in = 0;  ///< locks that somebody else seems to hold
};

/// What a machine loses when it stops: nothing with its process, or with the power whatever was not
/// synced, of which parts may have reached the platter in any order and torn at sectors.
enum class Loss { process, power };

/// A disk in memory, with what of it survives. One thread.
///
/// Of each file there is what its readers see and what was synced, and the changes between the two.
/// Two things are kinder than real ones: the removal of a file is durable at once, and so is its
/// name once it was synced for the first time (SQLite syncs the folder then).
class Disk {
 public:
  /// A write (or truncation: no bytes) since the last sync.
  struct Change {
    std::size_t offset = 0;
    std::string bytes;
    bool truncates = false;
  };
  struct Handle;

  struct File {
    std::string now;
    std::string durable;
    std::vector<Change> unsynced;
    bool was_synced = false;
    std::vector<Handle*> handles;                       ///< for locks
    std::vector<std::unique_ptr<unsigned char[]>> shm;  ///< the index of a log
  };

  /// One open file, as SQLite holds it.
  struct Handle {
    std::shared_ptr<File> file;
    std::string name;
    int lock = 0;
    unsigned shm_shared = 0;
    unsigned shm_exclusive = 0;
    bool temporary = false;
  };

  explicit Disk(std::uint64_t seed) : dice_(seed) {}

  /// Whether an operation fails now: an SQLite result code, 0 when it does not.
  int meet(Op op);

  int write(File& file, std::size_t offset, std::string_view bytes);
  static void truncate(File& file, std::size_t size);
  static void sync(File& file);
  void open(Handle& handle);
  void close(Handle& handle);

  std::shared_ptr<File> find(const std::string& name) const;
  std::shared_ptr<File> make(const std::string& name);
  void remove(const std::string& name) { files_.erase(name); }

  DiskFaults faults;
  /// What SQLite hears of a failed sync. Not SQLITE_IOERR_FSYNC, which ends the process
  /// (storage/sqlite/sqlite_error.hpp): here that would be the simulation itself.
  int sync_error = SQLITE_IOERR;
  bool calm = false;                    ///< no faults, whatever `faults` says
  std::optional<std::size_t> capacity;  ///< bytes of all files; more is "full"

  /// The power goes within the n-th call that changes something from now on.
  void die_at_change(std::uint64_t n) { dies_at_change_ = changes_ + n; }
  void cut_power() { on_ = false; }
  bool on() const { return on_; }
  /// The power went because a sync failed: nobody knows what is on the platter.
  bool sync_failed() const { return sync_failed_; }

  /// The machine starts again with what is left; nothing may be open.
  void restart(Loss loss);

  std::size_t size() const;
  std::size_t open_files() const { return open_files_; }
  std::uint64_t faults_met() const { return faults_met_; }
  /// Whether some file holds these bytes, as seen or as synced.
  bool holds(std::string_view bytes) const;

  simulator::Dice& dice() { return dice_; }

 private:
  int fail(Op op);
  void survive(File& file);

  simulator::Dice dice_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::optional<std::uint64_t> dies_at_change_;
  std::uint64_t changes_ = 0;
  std::uint64_t faults_met_ = 0;
  std::uint32_t failing_for_ = 0;
  std::size_t open_files_ = 0;
  bool on_ = true;
  bool sync_failed_ = false;
};

/// Makes `disk` the disk of every SQLite connection that is opened as long as this lives
/// (https://sqlite.org/vfs.html). Time and randomness of SQLite come from the disk's dice.
class DiskVfs {
 public:
  explicit DiskVfs(Disk& disk);
  DiskVfs(const DiskVfs&) = delete;
  DiskVfs& operator=(const DiskVfs&) = delete;
  ~DiskVfs();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evidenced::deterministic
