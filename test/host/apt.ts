/** A Debian repository on a host with only a test's packages; needs no network. */
import type { TestHost } from "./host.ts";

export interface DebOptions {
  readonly name: string;
  readonly version: string;
  /** A shell script that runs at the end of the installation. */
  readonly postinst?: string;
  /** A config file of the package, with `package <version>` as its content. */
  readonly conffile?: string;
}

/** Builds and publishes a package, in place of an older version. */
export async function offerDeb(host: TestHost, options: DebOptions): Promise<void> {
  const { name, version, postinst = "", conffile = "" } = options;
  await host.run(["/bin/sh", "-euc", build, "build", name, version, postinst, conffile]);
}

/** Makes the repository, still empty, the only one of the host. */
export async function useLocalApt(host: TestHost): Promise<void> {
  await host.sh(`rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*
    mkdir -p /srv/apt
    touch /srv/apt/Packages
    echo 'deb [trusted=yes] file:/srv/apt ./' >/etc/apt/sources.list`);
}

/** The package's `name`, its file list and its scripts are the least that dpkg-deb(1) takes. */
const build = `
name=$1 version=$2 dir=$(mktemp -d)
mkdir -p $dir/DEBIAN $dir/usr/share/$name
echo "$version" >$dir/usr/share/$name/version
printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: A Tester <tester@example.org>\\nDescription: for a test\\n' \\
  "$name" "$version" >$dir/DEBIAN/control
printf '#!/bin/sh\\nset -e\\n%s\\n' "$3" >$dir/DEBIAN/postinst
chmod 755 $dir $dir/DEBIAN/postinst
if [ -n "$4" ]; then
  mkdir -p "$dir$(dirname "$4")"
  echo "package $version" >"$dir$4"
  echo "$4" >$dir/DEBIAN/conffiles
fi
dpkg-deb --root-owner-group --build $dir /srv/apt/$name.deb >/dev/null
{
  cat $dir/DEBIAN/control
  echo "Filename: ./$name.deb"
  echo "Size: $(stat -c %s /srv/apt/$name.deb)"
  echo "SHA256: $(sha256sum /srv/apt/$name.deb | cut -d' ' -f1)"
} >/srv/apt/Packages
rm -r $dir
`;
