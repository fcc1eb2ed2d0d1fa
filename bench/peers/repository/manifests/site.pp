# What puppet applies.
file { '/etc/bench': ensure => directory }
file($facts['services_list']).split("\n").each |$line| {
  [$unit, $link, $local] = $line.split(' ')
  file { $local:
    ensure  => directory,
    recurse => true,
    purge   => true,
    force   => true,
    source  => "/etc/puppet/code/environments/${environment}/${link}",
    notify  => Service[$unit],
  }
  service { $unit:
    ensure  => running,
    restart => "/bin/systemctl reload ${unit}",
  }
}
