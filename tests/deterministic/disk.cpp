#include "tests/deterministic/disk.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace evidenced::deterministic {

namespace {

constexpr std::size_t sector = 512;

int error_of(Op op) {
  switch (op) {
    case Op::open:
      return SQLITE_CANTOPEN;
    case Op::read:
      return SQLITE_IOERR_READ;
    case Op::write:
      return SQLITE_IOERR_WRITE;
    case Op::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case Op::lock:
      return SQLITE_IOERR_LOCK;
    case Op::sync:
      return SQLITE_IOERR;
  }
  return SQLITE_IOERR;
}

void put_on(std::string& bytes, const Disk::Change& change) {
  if (change.truncates) {
    bytes.resize(std::min(bytes.size(), change.offset));
    return;
  }
  const std::size_t end = change.offset + change.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  bytes.replace(change.offset, change.bytes.size(), change.bytes);
}

}  // namespace

int Disk::fail(Op op) {
  ++faults_met_;
  return error_of(op);
}

int Disk::meet(Op op) {
  if (!on_) return error_of(op);
  if (calm) return SQLITE_OK;
  const bool changes = op == Op::write || op == Op::truncate || op == Op::sync;
  if (changes && ++changes_ == dies_at_change_) {
    on_ = false;
    return fail(op);
  }
  if (op == Op::sync && faults.sync_one_in > 0 && dice_.one_in(faults.sync_one_in)) {
    on_ = false;
    sync_failed_ = true;
    ++faults_met_;
    return sync_error;
  }
  if (op == Op::lock && faults.busy_one_in > 0 && dice_.one_in(faults.busy_one_in)) {
    ++faults_met_;
    return SQLITE_BUSY;
  }
  if (op == Op::sync) return SQLITE_OK;
  if (failing_for_ > 0) {
    --failing_for_;
    return fail(op);
  }
  if (faults.one_in == 0 || !dice_.one_in(faults.one_in)) return SQLITE_OK;
  failing_for_ = static_cast<std::uint32_t>(dice_.below(faults.burst));
  return fail(op);
}

int Disk::write(File& file, std::size_t offset, std::string_view bytes) {
  const std::size_t end = offset + bytes.size();
  if (capacity && end > file.now.size() && size() + end - file.now.size() > *capacity) {
    ++faults_met_;
    return SQLITE_FULL;
  }
  Change& change = file.unsynced.emplace_back();
  change.offset = offset;
  change.bytes = bytes;
  put_on(file.now, change);
  return SQLITE_OK;
}

void Disk::truncate(File& file, std::size_t size) {
  Change& change = file.unsynced.emplace_back();
  change.offset = size;
  change.truncates = true;
  put_on(file.now, change);
}

void Disk::sync(File& file) {
  for (const Change& change : file.unsynced) put_on(file.durable, change);
  file.unsynced.clear();
  file.was_synced = true;
}

std::shared_ptr<Disk::File> Disk::find(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<Disk::File> Disk::make(const std::string& name) {
  std::shared_ptr<File>& file = files_[name];
  if (!file) file = std::make_shared<File>();
  return file;
}

void Disk::open(Handle& handle) {
  handle.file->handles.push_back(&handle);
  ++open_files_;
}

void Disk::close(Handle& handle) {
  std::erase(handle.file->handles, &handle);
  --open_files_;
  if (handle.file->handles.empty()) handle.file->shm.clear();
  if (handle.temporary) remove(handle.name);
}

/// Each change since the last sync is there, or is not, or is there in some of its sectors; now and
/// then all are, or none.
void Disk::survive(File& file) {
  const std::size_t mood = dice_.below(4);
  std::string left = std::move(file.durable);
  for (Change& change : file.unsynced) {
    if (mood == 0) break;
    if (mood != 1 && dice_.one_in(3)) continue;
    if (mood == 1 || change.truncates || !dice_.one_in(4)) {
      put_on(left, change);
      continue;
    }
    for (std::size_t at = 0; at < change.bytes.size(); at += sector) {
      if (dice_.one_in(2)) continue;
      put_on(left, {change.offset + at, change.bytes.substr(at, sector), false});
    }
  }
  file.now = left;
  file.durable = std::move(left);
  file.unsynced.clear();
}

void Disk::restart(Loss loss) {
  if (open_files_ > 0) throw std::logic_error("a file is open while the machine starts");
  if (loss == Loss::power) {
    std::erase_if(
        files_, [this](const auto& entry) { return !entry.second->was_synced && dice_.one_in(2); });
    for (const auto& [name, file] : files_) survive(*file);
  }
  failing_for_ = 0;
  dies_at_change_.reset();
  on_ = true;
  sync_failed_ = false;
}

std::size_t Disk::size() const {
  std::size_t sum = 0;
  for (const auto& [name, file] : files_) sum += file->now.size();
  return sum;
}

bool Disk::holds(std::string_view bytes) const {
  return std::ranges::any_of(files_, [bytes](const auto& entry) {
    return entry.second->now.find(bytes) != std::string::npos ||
           entry.second->durable.find(bytes) != std::string::npos;
  });
}

}  // namespace evidenced::deterministic
