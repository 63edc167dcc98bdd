#pragma once

#include "Arduino.h"

enum wl_status_t { WL_IDLE_STATUS = 0, WL_CONNECTED = 3 };
enum WiFiMode_t { WIFI_STA = 1 };

class IPAddress {
 public:
  uint8_t operator[](int index) const;
};

class WiFiClient {
 public:
  explicit operator bool();
  uint8_t connected();
  int available();
  int read(uint8_t *bytes, size_t count);
  int availableForWrite();
  size_t write(const uint8_t *bytes, size_t count);
  void keepAlive(uint16_t idle, uint16_t interval, uint8_t count);
  void stop();
};

class WiFiServer {
 public:
  explicit WiFiServer(uint16_t port);
  void begin(uint16_t port);
  void setNoDelay(bool isSet);
  bool hasClient();
  WiFiClient accept();
};

class ESP8266WiFiClass {
 public:
  void persistent(bool isSet);
  bool mode(WiFiMode_t mode);
  bool setAutoReconnect(bool isSet);
  wl_status_t begin(const char *ssid, const char *password);
  wl_status_t status();
  IPAddress localIP();
};
extern ESP8266WiFiClass WiFi;
