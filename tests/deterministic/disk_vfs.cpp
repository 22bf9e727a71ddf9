// SQLite's virtual file system over a Disk. Locks and the index of the write-ahead log are those of
// one process: several connections of one thread.
#include "tests/deterministic/disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace evidenced::deterministic {

namespace {

constexpr const char* vfs_name = "disk in memory";
constexpr sqlite3_int64 julian_2026 = 212'645'304'000'000;  // milliseconds

/// What SQLite allocates for an open file.
struct VfsFile {
  sqlite3_file base;
  Disk* disk;
  Disk::Handle* handle;
};

VfsFile& of(sqlite3_file* file) {
  return *reinterpret_cast<VfsFile*>(file);
}

Disk& of(sqlite3_vfs* vfs) {
  return *static_cast<Disk*>(vfs->pAppData);
}

int close_file(sqlite3_file* file) {
  of(file).disk->close(*of(file).handle);
  delete of(file).handle;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  const int failure = of(file).disk->meet(Op::read);
  if (failure != SQLITE_OK) return failure;
  const std::string& bytes = of(file).handle->file->now;
  const auto wanted = static_cast<std::size_t>(count);
  const std::size_t from = std::min(bytes.size(), static_cast<std::size_t>(offset));
  const std::size_t there = std::min(wanted, bytes.size() - from);
  std::memcpy(out, bytes.data() + from, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const int failure = of(file).disk->meet(Op::write);
  if (failure != SQLITE_OK) return failure;
  return of(file).disk->write(*of(file).handle->file, static_cast<std::size_t>(offset),
                              {static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int failure = of(file).disk->meet(Op::truncate);
  if (failure != SQLITE_OK) return failure;
  Disk::truncate(*of(file).handle->file, static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  const int failure = of(file).disk->meet(Op::sync);
  if (failure != SQLITE_OK) return failure;
  Disk::sync(*of(file).handle->file);
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(of(file).handle->file->now.size());
  return SQLITE_OK;
}

/// Whether another connection holds the file at this level or above.
bool others_hold(sqlite3_file* file, int level) {
  const Disk::Handle* own = of(file).handle;
  return std::ranges::any_of(own->file->handles, [&](const Disk::Handle* other) {
    return other != own && other->lock >= level;
  });
}

int lock_file(sqlite3_file* file, int level) {
  Disk::Handle& handle = *of(file).handle;
  if (handle.lock >= level) return SQLITE_OK;
  const int failure = of(file).disk->meet(Op::lock);
  if (failure != SQLITE_OK) return failure;
  const int obstacle = level == SQLITE_LOCK_SHARED     ? SQLITE_LOCK_PENDING
                       : level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED
                                                       : SQLITE_LOCK_SHARED;
  if (others_hold(file, obstacle)) return SQLITE_BUSY;
  handle.lock = level;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int level) {
  of(file).handle->lock = std::min(of(file).handle->lock, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* held) {
  *held = others_hold(file, SQLITE_LOCK_RESERVED) ? 1 : 0;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
  return 4096;
}

/// As SQLite's own file system says of Linux.
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_index(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& regions = of(file).handle->file->shm;
  const auto wanted = static_cast<std::size_t>(region);
  *out = nullptr;
  if (regions.size() <= wanted && extend == 0) return SQLITE_OK;
  while (regions.size() <= wanted) {
    regions.push_back(std::make_unique<unsigned char[]>(static_cast<std::size_t>(size)));
  }
  *out = regions[wanted].get();
  return SQLITE_OK;
}

int lock_index(sqlite3_file* file, int first, int count, int flags) {
  Disk::Handle& own = *of(file).handle;
  const unsigned mask = ((1U << static_cast<unsigned>(count)) - 1U) << static_cast<unsigned>(first);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    own.shm_shared &= ~mask;
    own.shm_exclusive &= ~mask;
    return SQLITE_OK;
  }
  const int failure = of(file).disk->meet(Op::lock);
  if (failure != SQLITE_OK) return failure;
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  for (const Disk::Handle* other : own.file->handles) {
    const unsigned held = other->shm_exclusive | (shared ? 0U : other->shm_shared);
    if (other != &own && (held & mask) != 0) return SQLITE_BUSY;
  }
  (shared ? own.shm_shared : own.shm_exclusive) |= mask;
  return SQLITE_OK;
}

void index_barrier(sqlite3_file*) {}

int unmap_index(sqlite3_file*, int) {
  return SQLITE_OK;
}

const sqlite3_io_methods file_methods = {2,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         size_of_file,
                                         lock_file,
                                         unlock_file,
                                         check_reserved,
                                         control_file,
                                         sector_size,
                                         characteristics,
                                         map_index,
                                         lock_index,
                                         index_barrier,
                                         unmap_index,
                                         nullptr,
                                         nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Disk& disk = of(vfs);
  file->pMethods = nullptr;
  const int failure = disk.meet(Op::open);
  if (failure != SQLITE_OK) return failure;
  static std::uint64_t unnamed = 0;
  const std::string path = name == nullptr ? "unnamed-" + std::to_string(++unnamed) : name;
  std::shared_ptr<Disk::File> found = disk.find(path);
  if (!found && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  if (!found) found = disk.make(path);
  VfsFile& made = of(file);
  made.disk = &disk;
  made.handle = new Disk::Handle{.file = std::move(found), .name = path};
  made.handle->temporary = name == nullptr || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  made.base.pMethods = &file_methods;
  disk.open(*made.handle);
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int) {
  Disk& disk = of(vfs);
  const int failure = disk.meet(Op::truncate);
  if (failure != SQLITE_OK) return SQLITE_IOERR_DELETE;
  if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
  disk.remove(name);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* there) {
  *there = of(vfs).find(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(of(vfs).dice().next());
  return size;
}

int sleep_for(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

int current_time(sqlite3_vfs*, sqlite3_int64* now) {
  *now = julian_2026;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

struct DiskVfs::Impl {
  sqlite3_vfs vfs{};
};

DiskVfs::DiskVfs(Disk& disk) : impl_(std::make_unique<Impl>()) {
  sqlite3_vfs& vfs = impl_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(VfsFile);
  vfs.mxPathname = 512;
  vfs.zName = vfs_name;
  vfs.pAppData = &disk;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_name;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep_for;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = current_time;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) throw std::bad_alloc();
  // SQLite's generator draws its seed from the file system once: it is to draw it again, from ours.
  sqlite3_randomness(0, nullptr);
}

DiskVfs::~DiskVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
  sqlite3_randomness(0, nullptr);
}

}  // namespace evidenced::deterministic
