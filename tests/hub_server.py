"""A hub on this machine that speaks the calls which huggingface_hub makes to push and to fetch a model.

Of the protocol: create a repository, ask how to upload (as part of the commit, or apart by Git LFS), commit, look up a
revision, list and download files. `tests/conftest.py` starts it for each test that asks for `hub`.
"""

import base64
import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LFS_FROM_BYTES = 2000  # smaller files are part of the commit


class HubServer(ThreadingHTTPServer):
    """Keeps what is pushed in memory.

    Attributes:
        commits: by repository, the commits: the SHA and the files by name.
        asked: method and path of each request.
        announced: by a file's name, the bytes that a listing claims, where they are not those that are sent.
        sent: by a file's name, how many of its bytes were sent.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.commits = {}
        self.stored = {}
        self.asked = []
        self.announced = {}
        self.sent = {}
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"

    def commit(self, repository, files):
        """Add a commit with these files; returns its SHA."""
        content = json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in files.items()}, sort_keys=True)
        number = len(self.commits.setdefault(repository, []))
        sha = hashlib.sha1(f"{number}{content}".encode()).hexdigest()  # noqa: S324
        self.commits[repository].append((sha, dict(files)))
        return sha

    def files(self, repository, revision="main"):
        """The SHA and the files of a revision; None where there is none."""
        commits = self.commits.get(repository, [])
        if revision == "main":
            return commits[-1] if commits else None
        return next((commit for commit in commits if commit[0] == revision), None)


class Handler(BaseHTTPRequestHandler):
    """Answers the requests."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0]
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path):
            repository, kind, revision = found.groups()
            return self.look_up(repository, kind or "revision", revision or "main")
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            repository, revision, name = found.groups()
            known = self.server.files(repository, revision)
            if known and name in known[1]:
                content = known[1][name]
                etag = f'"{hashlib.sha256(content).hexdigest()}"'
                headers = {"ETag": etag, "X-Repo-Commit": known[0]}
                if name in self.server.announced:
                    return self.stream(name, content, headers)
                return self.answer(200, content, headers)
        return self.answer(404, b"{}", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})

    def look_up(self, repository, kind, revision):
        known = self.server.files(repository, revision)
        if known is None and repository not in self.server.commits:
            error = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            return self.answer(404, b"{}", error)
        sha, files = known or ("0" * 40, {})
        if kind == "tree":
            return self.answer_json(
                [{"type": "file", "path": name, "size": len(data), "oid": sha} for name, data in files.items()]
            )
        sizes = {name: len(data) for name, data in files.items()} | self.server.announced
        siblings = [{"rfilename": name, "size": sizes[name], "blobId": sha} for name in files]
        return self.answer_json({"id": repository, "modelId": repository, "sha": sha, "siblings": siblings})

    def do_PUT(self):
        self.server.asked.append(f"PUT {self.path}")
        content = self.body()
        self.server.stored[hashlib.sha256(content).hexdigest()] = content
        self.answer(200, b"")

    def do_POST(self):
        self.server.asked.append(f"POST {self.path}")
        body = self.body()
        path = self.path.partition("?")[0]
        if "Authorization" not in self.headers and path != "/api/validate-yaml":
            return self.answer(401, b'{"error": "Invalid username or password."}')
        if path == "/api/validate-yaml":
            return self.answer_json({"errors": [], "warnings": []})
        if path == "/api/repos/create":
            wanted = json.loads(body)
            repository = f"{wanted['organization']}/{wanted['name']}"
            known = repository in self.server.commits
            self.server.commits.setdefault(repository, [])
            return self.answer_json({"url": f"{self.server.endpoint}/{repository}"}, 409 if known else 200)
        if path.endswith("/info/lfs/objects/batch"):
            return self.answer_json(
                {"transfer": "basic", "objects": [self.place(o) for o in json.loads(body)["objects"]]}
            )
        found = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", path)
        if found and found[2] == "preupload":
            modes = [
                {
                    "path": f["path"],
                    "uploadMode": "lfs" if f["size"] > LFS_FROM_BYTES else "regular",
                    "shouldIgnore": False,
                }
                for f in json.loads(body)["files"]
            ]
            return self.answer_json({"files": modes})
        if found:
            return self.take_commit(found[1], [json.loads(line) for line in body.splitlines() if line])
        return self.answer(404, b"{}")

    def place(self, wanted):
        """Where an object of Git LFS goes."""
        href = f"{self.server.endpoint}/lfs/{wanted['oid']}"
        return {**wanted, "authenticated": True, "actions": {"upload": {"href": href, "header": {}}}}

    def take_commit(self, repository, operations):
        known = self.server.files(repository)
        files = dict(known[1]) if known else {}
        for operation in operations:
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.server.stored[value["oid"]]
            elif operation["key"] == "deletedFile":
                del files[value["path"]]
        sha = self.server.commit(repository, files)
        url = f"{self.server.endpoint}/{repository}/commit/{sha}"
        self.answer_json({"success": True, "commitOid": sha, "commitUrl": url})

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def stream(self, name, content, headers):
        """Send a file in chunks, until the client closes the connection."""
        if self.command == "HEAD":
            return self.answer(200, content, headers)
        self.send_response(200)
        for header, value in {**headers, "Transfer-Encoding": "chunked"}.items():
            self.send_header(header, value)
        self.end_headers()
        self.server.sent[name] = 0
        try:
            for start in range(0, len(content), 1 << 16):
                chunk = content[start : start + (1 << 16)]
                self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                self.server.sent[name] += len(chunk)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def answer_json(self, value, status=200):
        self.answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def answer(self, status, content, headers=()):
        self.send_response(status)
        for name, value in {**dict(headers), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
