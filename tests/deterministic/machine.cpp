#include "tests/deterministic/machine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace evidenced::deterministic {

using namespace std::chrono_literals;
using storage::Access;
using storage::Connection;

namespace {

const std::string database_path = "/state/evidenced.db";
constexpr auto time_to_stop = 60s;

Secret master_key() {
  return Secret(std::string(32, 'k'));
}

}  // namespace

Machine::~Machine() {
  if (running()) drop();
}

Result<void> Machine::open(bool create) {
  auto opened =
      InlineDatabase::open(database_path, create, {parts_.clock, parts_.dice, parts_.manner});
  if (!opened) return fail(opened);
  database_ = std::move(*opened);
  auto unlock = [this, create](Connection& connection) -> Result<void> {
    auto vault = create ? storage::Vault::create(connection, master_key(), random_)
                        : storage::Vault::open(connection, master_key());
    if (!vault) return fail(vault);
    vault_.emplace(std::move(*vault));
    return {};
  };
  return at_once(*database_, create ? Access::write : Access::read, unlock);
}

Result<void> Machine::init() {
  const Result<void> made = open(true);
  close();
  return made;
}

Result<void> Machine::start() {
  const Result<void> opened = open(false);
  if (!opened) {
    close();
    return opened;
  }
  database_->acknowledged = [this](Connection& connection) {
    if (acknowledged) acknowledged(connection);
  };
  const auto executor = io_.get_executor();
  service_ = std::make_unique<connector::SyncService>(
      connector::SyncServices{parts_.network, *database_, *vault_, parts_.clock, random_,
                              parts_.settings, executor, executor});
  serving_ = true;
  boost::asio::co_spawn(io_, service_->run(), [this](const std::exception_ptr& failure) {
    serving_ = false;
    if (failure) parts_.trace.violation("the service ended by an exception");
  });
  return {};
}

void Machine::turn(const std::function<bool()>& done, SteadyTime end) {
  while (!done()) {
    io_.restart();
    if (io_.poll_one() > 0) continue;
    if (parts_.clock.steady() >= end || !parts_.clock.advance_to_next()) return;
  }
}

void Machine::run_until(const std::function<bool()>& done, std::chrono::nanoseconds most) {
  const SteadyTime end =
      parts_.clock.steady() + std::chrono::duration_cast<SteadyTime::duration>(most);
  turn([&] { return !parts_.disk.on() || done(); }, end);
}

void Machine::stop() {
  service_->stop();
  const SteadyTime end = parts_.clock.steady() + time_to_stop;
  turn([this] { return !serving_ || !parts_.disk.on(); }, end);
  if (!parts_.disk.on()) return;
  if (serving_) parts_.trace.violation("I9: the service does not stop");
  io_.restart();
  io_.poll();
  if (parts_.network.in_flight() > 0) parts_.trace.violation("I9: a request is left");
  if (parts_.clock.advance_to_next()) parts_.trace.violation("I9: a timer is left");
  close();
  if (parts_.disk.open_files() > 0) parts_.trace.violation("I9: a file is left open");
}

void Machine::drop() {
  parts_.disk.cut_power();
  if (service_) service_->stop();
  turn([this] { return !serving_; }, parts_.clock.steady() + time_to_stop);
  if (serving_) parts_.trace.violation("I9: the service does not stop without power");
  close();
}

void Machine::close() {
  service_.reset();
  vault_.reset();
  database_.reset();
}

}  // namespace evidenced::deterministic
