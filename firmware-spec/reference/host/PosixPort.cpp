#include "PosixPort.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace {

/// As many clients wait beside the served one as with the Arduino core 2.7 and later (firmware-spec/03-connections.md).
constexpr int mostWaiting = 5;
/// The least that Linux has; a unit's lwIP has 1072 bytes.
constexpr int sendBuffer = 2048;

[[noreturn]] void fail(const std::string &what) {
  fprintf(stderr, "Error: %s: %s\n", what.c_str(), strerror(errno));
  exit(1);
}

}  // namespace

PosixPort::PosixPort(const Options &options) : options_(options) {
  if (fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK) != 0) isTyping_ = false;
  if (options_.settings.empty()) return;
  std::ifstream file(options_.settings, std::ios::binary);
  kept_.assign(std::istreambuf_iterator<char>(file), {});
}

void PosixPort::rest() {
  pollfd all[] = {
      {isTyping_ ? STDIN_FILENO : -1, POLLIN, 0}, {listener_, POLLIN, 0}, {client_, POLLIN, 0}};
  // A client that waits beside the served one is no news each time.
  if (client_ >= 0) all[1].fd = -1;
  poll(all, sizeof all / sizeof *all, 10);
  if (all[2].revents & (POLLIN | POLLHUP | POLLERR)) return;
}

uint32_t PosixPort::now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint32_t>(time.tv_sec * 1000 + time.tv_nsec / 1000000);
}

int PosixPort::typed() {
  uint8_t byte;
  if (!isTyping_) return -1;
  const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
  if (count == 0 && options_.endsWithInput) exit(0);
  if (count == 0) isTyping_ = false;
  return count == 1 ? byte : -1;
}

void PosixPort::print(const char *bytes, size_t count) {
  fwrite(bytes, 1, count, stdout);
  fflush(stdout);
}

void PosixPort::load(uint8_t *bytes, size_t count) {
  for (size_t index = 0; index < count; index++) {
    bytes[index] = index < kept_.size() ? static_cast<uint8_t>(kept_[index]) : 0xFF;
  }
}

bool PosixPort::keep(const uint8_t *bytes, size_t count) {
  kept_.assign(reinterpret_cast<const char *>(bytes), count);
  if (options_.settings.empty()) return true;
  const std::string unfinished = options_.settings + ".new";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file.write(kept_.data(), static_cast<std::streamsize>(kept_.size()));
  file.close();
  return file && rename(unfinished.c_str(), options_.settings.c_str()) == 0;
}

void PosixPort::join(const char *, const char *) {
  isJoining_ = true;
  joinedAt_ = now() + options_.association;
}

bool PosixPort::isJoined() { return isJoining_ && static_cast<int32_t>(now() - joinedAt_) >= 0; }

void PosixPort::address(char (&text)[16]) { snprintf(text, sizeof text, "%s", options_.address.c_str()); }

void PosixPort::announce(const char *, uint16_t) {}

void PosixPort::listen(uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<uint16_t>(options_.port < 0 ? port : options_.port));
  if (inet_pton(AF_INET, options_.address.c_str(), &place.sin_addr) != 1) {
    errno = EINVAL;
    fail("--address " + options_.address);
  }
  // Linux takes one more than it is told.
  if (bind(listener_, reinterpret_cast<sockaddr *>(&place), sizeof place) != 0 || ::listen(listener_, mostWaiting - 1) != 0) {
    fail("cannot listen on " + options_.address);
  }
  socklen_t size = sizeof place;
  getsockname(listener_, reinterpret_cast<sockaddr *>(&place), &size);
  fprintf(stderr, "listening %s:%u\n", options_.address.c_str(), ntohs(place.sin_port));
}

bool PosixPort::isAwaited() {
  pollfd one{listener_, POLLIN, 0};
  return poll(&one, 1, 0) == 1 && (one.revents & POLLIN);
}

bool PosixPort::accept() {
  client_ = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client_ < 0) return false;
  setsockopt(client_, SOL_SOCKET, SO_SNDBUF, &sendBuffer, sizeof sendBuffer);
  return true;
}

bool PosixPort::isOpen() {
  uint8_t byte;
  const ssize_t count = recv(client_, &byte, 1, MSG_PEEK);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

size_t PosixPort::read(uint8_t *bytes, size_t most) {
  const ssize_t count = recv(client_, bytes, most, 0);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

size_t PosixPort::write(const uint8_t *bytes, size_t count) {
  const ssize_t taken = send(client_, bytes, count, MSG_NOSIGNAL);
  return taken > 0 ? static_cast<size_t>(taken) : 0;
}

void PosixPort::stop() {
  close(client_);
  client_ = -1;
}

void PosixPort::restart() {
  execv("/proc/self/exe", options_.arguments);
  fail("cannot start anew");
}
