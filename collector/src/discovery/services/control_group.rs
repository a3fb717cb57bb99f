//! Which unit or container does a control group stand for?

/// Names the unit or the container of a path: `nginx.service`, `docker-3f2a9c1bd4e5`; nothing for sessions and slices.
pub(super) fn unit(path: &str) -> Option<String> {
    if let Some(container) = container(path) {
        return Some(container);
    }
    let is_service = |part: &&str| part.ends_with(".service") && !part.starts_with("user@");
    path.rsplit('/')
        .find(is_service)
        .map(|service| service.chars().take(100).collect())
}

/// Names the container of a path by its engine and the first twelve digits of its number.
pub(super) fn container(path: &str) -> Option<String> {
    for part in path.rsplit('/') {
        let bare = part.strip_suffix(".scope").unwrap_or(part);
        let (engine, number) = bare.rsplit_once(['-', ':']).unwrap_or(("", bare));
        let is_number = number.len() >= 32 && number.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_number {
            continue;
        }
        let engine = match engine {
            _ if engine.ends_with("docker") => "docker",
            _ if engine.ends_with("libpod") => "podman",
            _ if engine.ends_with("containerd") => "containerd",
            _ if engine.ends_with("crio") => "cri-o",
            _ if path.contains("docker") => "docker",
            _ if path.contains("libpod") => "podman",
            _ if path.contains("kubepods") => "pod",
            _ => "container",
        };
        return Some(format!("{engine}-{}", number.get(..12)?));
    }
    let lxc = path.split_once("/lxc.payload.").or_else(|| path.split_once("/lxc/"));
    lxc.map(|(_, rest)| {
        format!(
            "lxc-{}",
            rest.split('/')
                .next()
                .unwrap_or_default()
                .chars()
                .take(60)
                .collect::<String>()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_containers_are_named() {
        let hex = "3f2a9c1bd4e5f6a7b8c9d0e1f2a3b4c53f2a9c1bd4e5f6a7b8c9d0e1f2a3b4c5";
        for (path, expected) in [
            ("/system.slice/nginx.service".to_string(), Some("nginx.service")),
            (
                "/system.slice/system-postgresql.slice/postgresql@15-main.service".to_string(),
                Some("postgresql@15-main.service"),
            ),
            (format!("/docker/{hex}"), Some("docker-3f2a9c1bd4e5")),
            (format!("/system.slice/docker-{hex}.scope"), Some("docker-3f2a9c1bd4e5")),
            (
                format!("/machine.slice/libpod-{hex}.scope/container"),
                Some("podman-3f2a9c1bd4e5"),
            ),
            (
                format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{hex}.scope"),
                Some("containerd-3f2a9c1bd4e5"),
            ),
            (format!("/kubepods/besteffort/pod12/{hex}"), Some("pod-3f2a9c1bd4e5")),
            ("/lxc.payload.web/init.scope".to_string(), Some("lxc-web")),
            ("/user.slice/user-1000.slice/session-3.scope".to_string(), None),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice".to_string(),
                None,
            ),
        ] {
            assert_eq!(unit(&path).as_deref(), expected, "{path}");
        }
    }
}
