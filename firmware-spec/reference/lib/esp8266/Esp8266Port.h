#pragma once

#include <ESP8266WiFi.h>
#include <Port.h>

/// A unit's machine: an ESP8266 with the Arduino core 3.
class Esp8266Port final : public unit::Port {
 public:
  /// The console at 9600 baud, and the watchdog.
  void begin();
  /// Lets the network live, and tells the watchdog that the unit does: to be called after each step.
  void rest();

  uint32_t now() override;
  int typed() override;
  void print(const char *bytes, size_t count) override;
  void load(uint8_t *bytes, size_t count) override;
  bool keep(const uint8_t *bytes, size_t count) override;
  void join(const char *ssid, const char *password) override;
  bool isJoined() override;
  void address(char (&text)[16]) override;
  void announce(const char *kind, uint16_t port) override;
  void listen(uint16_t port) override;
  bool isAwaited() override;
  bool accept() override;
  bool isOpen() override;
  size_t read(uint8_t *bytes, size_t most) override;
  size_t write(const uint8_t *bytes, size_t count) override;
  void stop() override;
  void restart() override;

 private:
  WiFiServer server_{8888};
  WiFiClient client_;
  bool isAnnounced_ = false;
};
