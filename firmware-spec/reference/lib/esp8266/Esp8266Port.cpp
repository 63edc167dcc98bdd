#include "Esp8266Port.h"

#include <Arduino.h>
#include <EEPROM.h>
#include <ESP8266mDNS.h>

namespace {

/// The sector of the flash that the core keeps for this has 4 KiB; so much of it is used.
constexpr size_t keptBytes = 256;
/// A peer that has vanished is asked after so many seconds of silence, so often, and given up then.
constexpr uint16_t keepAliveIdle = 30;
constexpr uint16_t keepAliveInterval = 10;
constexpr uint8_t keepAliveCount = 3;

}  // namespace

void Esp8266Port::begin() {
  Serial.begin(9600);
  EEPROM.begin(keptBytes);
  WiFi.persistent(false);
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  // The core ignores the time, and leaves the SDK's.
  ESP.wdtEnable(WDTO_8S);
}

void Esp8266Port::rest() {
  if (isAnnounced_) MDNS.update();
  ESP.wdtFeed();
  yield();
}

uint32_t Esp8266Port::now() { return millis(); }

int Esp8266Port::typed() { return Serial.read(); }

void Esp8266Port::print(const char *bytes, size_t count) { Serial.write(bytes, count); }

void Esp8266Port::load(uint8_t *bytes, size_t count) {
  for (size_t index = 0; index < count; index++) bytes[index] = EEPROM.read(static_cast<int>(index));
}

bool Esp8266Port::keep(const uint8_t *bytes, size_t count) {
  for (size_t index = 0; index < count; index++) EEPROM.write(static_cast<int>(index), bytes[index]);
  return EEPROM.commit();
}

void Esp8266Port::join(const char *ssid, const char *password) { WiFi.begin(ssid, *password ? password : nullptr); }

bool Esp8266Port::isJoined() { return WiFi.status() == WL_CONNECTED; }

void Esp8266Port::address(char (&text)[16]) {
  const IPAddress address = WiFi.localIP();
  snprintf(text, sizeof text, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
}

void Esp8266Port::announce(const char *kind, uint16_t port) {
  char host[24];
  snprintf(host, sizeof host, "iot-unit-%06x", static_cast<unsigned>(ESP.getChipId()));
  isAnnounced_ = MDNS.begin(host);
  if (!isAnnounced_) return;
  MDNS.addService("iot-unit", "tcp", port);
  MDNS.addServiceTxt("iot-unit", "tcp", "kind", kind);
}

void Esp8266Port::listen(uint16_t port) {
  server_.begin(port);
  server_.setNoDelay(true);
}

bool Esp8266Port::isAwaited() { return server_.hasClient(); }

bool Esp8266Port::accept() {
  client_ = server_.accept();
  if (!client_) return false;
  client_.keepAlive(keepAliveIdle, keepAliveInterval, keepAliveCount);
  return true;
}

bool Esp8266Port::isOpen() { return client_.connected(); }

size_t Esp8266Port::read(uint8_t *bytes, size_t most) {
  // What came before the peer's end is there though the client is connected no more.
  const int there = client_.available();
  if (there <= 0) return 0;
  const int count = client_.read(bytes, static_cast<size_t>(there) < most ? static_cast<size_t>(there) : most);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

size_t Esp8266Port::write(const uint8_t *bytes, size_t count) {
  // More than there is room for would wait, up to 5 s.
  const int room = client_.availableForWrite();
  if (room <= 0) return 0;
  return client_.write(bytes, static_cast<size_t>(room) < count ? static_cast<size_t>(room) : count);
}

void Esp8266Port::stop() { client_.stop(); }

void Esp8266Port::restart() { ESP.restart(); }
