import { CLIENT_TOKEN, UPSTREAM_KEY } from "./payloads.ts";

/** Debian's nginx-light has all that is needed; undefined where there is none. */
export function findNginx(): string | undefined {
  return Bun.which("nginx", { PATH: `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin` }) ?? undefined;
}

/**
 * What a person would write to relay to one LLM API with one key and to check the client's token: one
 * worker, as all targets have one core, connections to the upstream kept, streams passed on as they come.
 *
 * @param dir  for everything that nginx writes
 */
export function nginxConfig(port: number, originPort: number, dir: string): string {
  return `
daemon off;
# One process, which is then the one whose CPU is read.
master_process off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/nginx-error.log;
events { worker_connections 8192; }
http {
  access_log ${dir}/nginx-access.log;
  client_body_temp_path ${dir}/client-body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  keepalive_requests 1000000000;
  upstream origin {
    server 127.0.0.1:${originPort};
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /health { return 200; }
    location / {
      if ($http_authorization != "Bearer ${CLIENT_TOKEN}") { return 401; }
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer ${UPSTREAM_KEY}";
    }
  }
}
`;
}

/** Each connection takes two file descriptors, and nginx does not raise the limit by itself as Bun does. */
export function nginxCommand(nginx: string, configPath: string, dir: string): string[] {
  const script = 'ulimit -n "$(ulimit -Hn)"; exec "$@"';
  return ["sh", "-c", script, "sh", nginx, "-p", dir, "-e", `${dir}/nginx-error.log`, "-c", configPath];
}
