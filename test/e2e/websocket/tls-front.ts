import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { createServer } from "node:tls";

/** Of localhost, made for these tests; nobody trusts it. */
export const LOCALHOST = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt5tM5XAYeXqhUha+
tuS4boYGI8MRYB5vubCxCkCjt3OhRANCAATLGd7gkV7zz7ddZV1ulzjC7FWMdk66
a/lKIBqAu1AcvdJxlx6MzzL86U5IqIzZZItUNlrN3IfZ2/+WHEd7xZ2F
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUfBBl9rBSyKEyEdd4JZAYBH3zoL0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTAzNTgyOFoYDzIxMjYxMTAx
MDM1ODI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATLGd7gkV7zz7ddZV1ulzjC7FWMdk66a/lKIBqAu1AcvdJxlx6MzzL8
6U5IqIzZZItUNlrN3IfZ2/+WHEd7xZ2Fo28wbTAdBgNVHQ4EFgQUCA62wpa3/0k4
mCqm5+GTMKiHA38wHwYDVR0jBBgwFoAUCA62wpa3/0k4mCqm5+GTMKiHA38wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAOGc/K2Qc4kZImdns4KKtHRcinb5BgPDSGwOrjVDW6uKAiEA
42WM4E3fALQ2YEq3h4g32V+JNXk1bRWtCmrJmvdK86I=
-----END CERTIFICATE-----`,
};

/** What stands before KeyCycle where clients insist on TLS, as OpenAI's for Realtime do. */
export interface TlsFront extends AsyncDisposable {
  /** https, without a trailing slash. */
  readonly url: string;
}

/** @param url  of the proxy */
export async function tlsFront(url: string): Promise<TlsFront> {
  const { hostname, port } = new URL(url);
  const server = createServer(LOCALHOST, (socket) => {
    const inner = connect(Number(port), hostname);
    for (const each of [socket, inner]) each.on("error", () => {});
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
