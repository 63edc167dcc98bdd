#include "Unit.h"

namespace unit {

namespace {

/// Between two dots while the network is joined, the first one half of it after the beginning.
constexpr uint32_t dotPause = 1000;

/// Whether a moment has come, on a clock that wraps: to be asked again and again, as after 24 days it is still to come.
bool isDue(uint32_t moment, uint32_t now) { return static_cast<int32_t>(now - moment) >= 0; }

}  // namespace

void Unit::begin() {
  uint8_t bytes[Settings::encodedBytes];
  port_.load(bytes, sizeof bytes);
  settings_.decode(bytes);
  console_.endLine();
  console_.print("iot ");
  console_.print(name_);
  console_.print(" ");
  console_.printLine(version);
  if (settings_.hasNetwork()) {
    join(port_.now());
  } else {
    console_.printLine("No network is known. Type wifi SSID PASSWORD.");
  }
}

void Unit::step() {
  if (console_.obey(settings_)) {
    console_.printLine("Restarting");
    port_.restart();
    return;
  }
  const uint32_t now = port_.now();
  stepNetwork(now);
  if (isListening_) stepClient(now);
}

// MARK: The network

void Unit::join(uint32_t now) {
  console_.printLine("Connecting to Wifi");
  port_.join(settings_.ssid, settings_.password);
  network_ = Network::joining;
  mark_ = now + dotPause / 2;
}

void Unit::stepNetwork(uint32_t now) {
  switch (network_) {
    case Network::none: break;
    case Network::joining:
      // The original looks once a second, after a dot.
      if (!isDue(mark_, now)) break;
      console_.print(".");
      mark_ += dotPause;
      if (port_.isJoined()) joined();
      break;
    case Network::joined:
      if (port_.isJoined()) break;
      network_ = Network::lost;
      mark_ = now;
      console_.printLine("Wifi lost");
      break;
    case Network::lost:
      if (port_.isJoined()) {
        network_ = Network::joined;
        console_.printLine("Wifi is back");
      } else if (isDue(mark_ + rejoinLimit, now)) {
        console_.printLine("Restarting without Wifi");
        port_.restart();
      }
      break;
  }
}

void Unit::joined() {
  char address[16];
  port_.address(address);
  console_.endLine();
  console_.print("Connected to ");
  console_.printLine(settings_.ssid);
  console_.print("IP address: ");
  console_.printLine(address);
  console_.print("Open Telnet and connect to IP:");
  console_.print(address);
  console_.print(" on port ");
  console_.print(static_cast<uint32_t>(port));
  console_.endLine();
  network_ = Network::joined;
  port_.listen(port);
  port_.announce(kind_, port);
  isListening_ = true;
}

// MARK: The client

void Unit::stepClient(uint32_t now) {
  if (!isServing_) {
    if (!port_.isAwaited() || !port_.accept()) return;
    isServing_ = true;
    signOfLife(now);
    console_.printLine("Client Connected");
    begun(now);
  }
  if (serve(now)) {
    signOfLife(now);
  } else if (settings_.idleSeconds > 0 && isDue(lastSign_ + settings_.idleSeconds * 1000u, now)) {
    isIdle_ = true;
  }
  if (!port_.isOpen()) {
    leave("Client disconnected");
  } else if (isIdle_ && settings_.idleSeconds > 0 && port_.isAwaited()) {
    leave("Client dropped: it was silent, and another waits");
  }
}

void Unit::signOfLife(uint32_t now) {
  lastSign_ = now;
  isIdle_ = false;
}

void Unit::leave(const char *why) {
  ended();
  port_.stop();
  isServing_ = false;
  console_.printLine(why);
}

}  // namespace unit
