// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host maps while the PCI core and drivers do what they do in a VM's
 * life, on each kind of host: beside the stock driver, which is the measure.
 */

/* Functions without FLR by Express, of which one does not keep D3hot's state */
static const struct hv_mock_profile flow_advanced =
	HV_MOCK_PROFILE("AF FLR", 0xf001, 0x03020001,
			HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP |
			HV_MOCK_CAP_AF, 0xff000000, 0x0000000c, 0xffffffe0);
static const struct hv_mock_profile flow_power =
	HV_MOCK_PROFILE("D3hot to D0", 0xf001, 0x03020001,
			HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP,
			0xff000000, 0x0000000c, 0xffffffe0);

/* Less than a page: the core sorts them in another way than the driver */
static const struct hv_mock_profile flow_small =
	HV_MOCK_PROFILE("small BARs", 0xf001, 0x03020001,
			HV_MOCK_CAP_PM_NO_SOFT_RESET, 0xffffff00, 0xfffffc00,
			0xfffff004, 0xffffffff, 0xffffe000);

/* What nobody outside of Microsoft knows of the host */
static const struct {
	const char *name;
	u32 variants;
} flow_hosts[] = {
	{ "plain", 0 },
	{ "resets keep", HV_MOCK_RESET_KEEPS },
	{ "BARs move", HV_MOCK_BARS_MOVE },
	{ "equal BARs cost", HV_MOCK_BARS_MOVE | HV_MOCK_EQUAL_COSTS },
	{ "D3hot unmaps", HV_MOCK_D3_UNMAPS | HV_MOCK_RESET_KEEPS },
	{ "MEMORY reads 0", HV_MOCK_MEMORY_READS_0 },
	{ "MEMORY reads 1", HV_MOCK_MEMORY_READS_1 },
	{ "release keeps", HV_MOCK_RELEASE_KEEPS },
};

/* As MANA's teardown does it: nothing is saved, nothing restored */
static void step_bare_flr(struct host_function *f)
{
	pcie_capability_set_word(f->pdev, PCI_EXP_DEVCTL,
				 PCI_EXP_DEVCTL_BCR_FLR);
}

/* A reset that configuration space does not show */
static void step_hidden_reset(struct host_function *f)
{
	spin_lock_irq(&host_lock);
	hv_mock_surprise_reset(&f->mock);
	spin_unlock_irq(&host_lock);
}

static void step_loss(struct host_function *f)
{
	spin_lock_irq(&host_lock);
	hv_mock_lose(&f->mock, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	spin_unlock_irq(&host_lock);
}

static void step_save(struct host_function *f)
{
	pci_save_state(f->pdev);
}

static void step_recover(struct host_function *f)
{
	pci_restore_state(f->pdev);
	pci_set_master(f->pdev);
}

struct flow {
	const char *name;
	const struct hv_mock_profile *profile;
	bool boot;		/* It counts */
	u32 maps, unmaps;	/* At most, where the host reads back right */
	struct fixture_steps steps;
	u32 except;		/* Hosts that it is nothing for */
};

static const struct flow flows[] = {
	{ "boot", &hv_mock_gpu, true, 1, 0 },
	{ "boot, 64-bit BARs", &hv_mock_gpu3, true, 1, 0 },
	{ "boot, two BARs", &hv_mock_nvme, true, 1, 0 },
	{ "boot, small BARs", &flow_small, true, 1, 0 },
	{ "rebind", &hv_mock_gpu, false, 0, 0,
	  { { EACH(step_unbind), EACH(step_bind) } } },
	{ "rescan", &hv_mock_gpu, false, 0, 0,
	  { { EACH(step_remove), ALL(fixture_rescan) } } },
	{ "rescan, 64-bit BARs", &hv_mock_gpu3, false, 0, 0,
	  { { EACH(step_remove), ALL(fixture_rescan) } } },
	{ "FLR", &hv_mock_gpu, false, 1, 1, { { EACH(step_reset) } } },
	{ "AF FLR", &flow_advanced, false, 1, 1, { { EACH(step_reset) } } },
	{ "D3hot to D0", &flow_power, false, 1, 1, { { EACH(step_reset) } } },
	{ "reprobe", &hv_mock_gpu, false, 1, 1,
	  { { ALL(fixture_remove_buses), ALL(fixture_boot) } } },
	{ "hibernate", &hv_mock_gpu, false, 1, 1,
	  { { ALL(fixture_suspend), ALL(fixture_resume) } } },
	{ "hibernate unbound, twice", &hv_mock_gpu, false, 3, 3,
	  { { EACH(step_unbind), ALL(fixture_suspend), ALL(fixture_resume),
	      ALL(fixture_suspend), ALL(fixture_resume), EACH(step_bind) } } },
	/* Where MEMORY reads 1, the core sets it over BARs not assigned yet */
	{ "eject and return", &hv_mock_gpu, false, 1, 1,
	  { { ALL(fixture_eject), ALL(fixture_return), ALL(fixture_rescan) } },
	  HV_MOCK_MEMORY_READS_1 },
	{ "bare FLR, rebind", &hv_mock_gpu, false, 1, 1,
	  { { EACH(step_unbind), EACH(step_bare_flr), EACH(step_bind) } } },
	{ "hidden reset, restore", &hv_mock_gpu, false, 1, 1,
	  { { EACH(step_save), EACH(step_hidden_reset),
	      EACH(step_recover) } } },
	{ "loss, restore", &hv_mock_gpu, false, 1, 1,
	  { { EACH(step_save), EACH(step_loss), EACH(step_recover) } } },
	{ "hidden reset, rescan", &hv_mock_gpu, false, 1, 1,
	  { { EACH(step_hidden_reset), EACH(step_remove),
	      ALL(fixture_rescan) } } },
	{ "put off, hidden reset, rescan", &hv_mock_gpu, false, 1, 1,
	  { { EACH(step_unbind), EACH(step_disable), EACH(step_hidden_reset),
	      EACH(step_remove), ALL(fixture_rescan) } } },
};

KUNIT_ARRAY_PARAM_DESC(flow, flows, name);

struct flow_result {
	struct hv_mock_counts counts;
	bool usable;		/* Mapped where its resources are, a master */
	unsigned int misplaced;	/* Maps outside of its bus, or over others */
};

static struct flow_result flow_run(const struct flow *flow, u32 variants,
				   bool stock)
{
	struct flow_result result = {};
	struct host_function *f;

	hv_pci_put_off = !stock;
	fixture.variants = variants;
	f = fixture_add_bus(flow->profile, 1)->function;
	fixture_boot();
	if (!flow->boot)
		fixture_clear_counts();
	fixture_do(&flow->steps);
	result.counts = fixture_mock(f)->counts;
	result.misplaced = f->host->outside + f->host->overlaps;
	fixture_hold(f);
	result.usable = fixture_is_usable(f);
	fixture_drop(f);
	fixture_finish();
	return result;
}

static void flow_print(struct kunit *test, const char *host,
		       const struct flow_result *ours,
		       const struct flow_result *stock)
{
	kunit_info(test, "%-16s %u/%u %3u/%-3u stock %u/%u %3u/%-3u%s%s", host,
		   ours->counts.maps, ours->counts.unmaps,
		   ours->counts.config_reads, ours->counts.config_writes,
		   stock->counts.maps, stock->counts.unmaps,
		   stock->counts.config_reads, stock->counts.config_writes,
		   stock->usable ? "" : ", not usable",
		   stock->misplaced ? ", misplaced" : "");
}

/*
 * R4. Where equal BARs cost a pair, it is no goal. And R1, R2: where MEMORY
 * reads 0, pci_set_master() clears it.
 */
static void flow_on_each_host_keeps_to_price_and_works(struct kunit *test)
{
	const u32 wrong = HV_MOCK_MEMORY_READS_0 | HV_MOCK_MEMORY_READS_1;
	const struct flow *flow = test->param_value;
	int i;

	for (i = 0; i < ARRAY_SIZE(flow_hosts); i++) {
		const char *host = flow_hosts[i].name;
		u32 variants = flow_hosts[i].variants;
		struct flow_result ours, stock;
		u32 maps, unmaps;

		if (variants & flow->except)
			continue;
		stock = flow_run(flow, variants, true);
		fixture.misplaced = stock.misplaced;
		ours = flow_run(flow, variants, false);
		flow_print(test, host, &ours, &stock);
		/* 6.12 has no addresses for a function that returns */
		KUNIT_EXPECT_TRUE_MSG(test, ours.usable || stock.misplaced ||
				      variants & HV_MOCK_MEMORY_READS_0, "%s",
				      host);
		if (variants & HV_MOCK_EQUAL_COSTS)
			continue;
		maps = stock.counts.maps;
		unmaps = stock.counts.unmaps;
		if (!(variants & wrong)) {
			maps = min(maps, flow->maps);
			unmaps = min(unmaps, flow->unmaps);
		}
		KUNIT_EXPECT_LE_MSG(test, ours.counts.maps, maps, "%s", host);
		KUNIT_EXPECT_LE_MSG(test, ours.counts.unmaps, unmaps, "%s",
				    host);
	}
}

/* Proof that the host's counts see what there is to save: 7/7 before 6.14 */
static void rescan_passed_through_maps_per_bar(struct kunit *test)
{
	static const struct flow rescan = {
		.profile = &hv_mock_gpu,
		.steps = { { EACH(step_remove), ALL(fixture_rescan) } },
	};
	struct flow_result stock = flow_run(&rescan, 0, true);

	KUNIT_EXPECT_GE(test, stock.counts.maps, 3);
}

/* Hyper-V gives each GPU a bus of its own; the protocol allows more on one */
static const struct flow_shape {
	const char *name;
	unsigned int buses;
	unsigned int functions;
} flow_shapes[] = {
	{ "4 functions on one bus", 1, 4 },
	{ "14 functions on one bus", 1, 14 },
	{ "14 functions on a bus each", 14, 1 },
};

KUNIT_ARRAY_PARAM_DESC(flow_shape, flow_shapes, name);

static void boot_of_many_maps_once_each_and_rescan_does_not(struct kunit *test)
{
	const struct flow_shape *shape = test->param_value;
	unsigned int i;

	for (i = 0; i < shape->buses; i++)
		fixture_add_bus(&hv_mock_gpu, shape->functions);
	fixture_boot();
	fixture_expect_transitions(1, 0);
	fixture_each(step_expect_usable);
	fixture_clear_counts();
	fixture_each(step_remove);
	fixture_rescan();
	fixture_expect_transitions(0, 0);
	fixture_each(step_expect_usable);
}
