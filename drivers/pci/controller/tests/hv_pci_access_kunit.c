// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver's raw accessors: what they answer themselves, and how they reach
 * the configuration window for the rest.
 */

/* Not the first slot, and not what the window is filled with */
#define ACCESS_SLOT	1

/* Two functions, known to the guest, not scanned; the second is used */
static struct hv_pci_dev *access_function(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = fixture_add_bus(fixture);
	struct hv_pci_dev *hpdev;

	fixture_add(fixture, bus, &hv_mock_gpu);
	fixture_add(fixture, bus, &hv_mock_gpu);
	fixture_discover(fixture, bus);
	hpdev = get_pcichild_wslot(bus->hbus, ACCESS_SLOT);
	KUNIT_ASSERT_NOT_NULL(test, hpdev);
	put_pcichild(hpdev);
	host_deselect(&bus->host);
	return hpdev;
}

static u8 *access_window(struct hv_pci_dev *hpdev)
{
	return hv_host_of(hpdev->hbus)->window;
}

static u32 access_selected(struct hv_pci_dev *hpdev)
{
	u32 slot;

	memcpy(&slot, access_window(hpdev), sizeof(slot));
	return slot;
}

static u32 access_read(struct hv_pci_dev *hpdev, int where, int size)
{
	u32 val = 0;

	hv_pci_decode_ops.read(&hpdev->decode, where, size, &val);
	return val;
}

static void access_write(struct hv_pci_dev *hpdev, int where, int size,
			 u32 val)
{
	hv_pci_decode_ops.write(&hpdev->decode, where, size, val);
}

static void read_of_register_selects_function(struct kunit *test)
{
	struct hv_pci_dev *hpdev = access_function(test);

	access_read(hpdev, PCI_STATUS, 2);
	KUNIT_EXPECT_EQ(test, access_selected(hpdev), ACCESS_SLOT);
}

static void write_of_register_selects_function(struct kunit *test)
{
	struct hv_pci_dev *hpdev = access_function(test);

	access_write(hpdev, PCI_STATUS, 2, 0);
	KUNIT_EXPECT_EQ(test, access_selected(hpdev), ACCESS_SLOT);
}

static void read_of_register_takes_bytes_of_its_width(struct kunit *test)
{
	static const u8 bytes[] = { 0x11, 0x22, 0x33, 0x44 };
	struct hv_pci_dev *hpdev = access_function(test);
	u8 *at = access_window(hpdev) + CFG_PAGE_OFFSET + 0x80;

	memcpy(at, bytes, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, access_read(hpdev, 0x83, 1), 0x44);
	KUNIT_EXPECT_EQ(test, access_read(hpdev, 0x82, 2), 0x4433);
	KUNIT_EXPECT_EQ(test, access_read(hpdev, 0x80, 4), 0x44332211);
}

static void write_of_register_changes_bytes_of_its_width(struct kunit *test)
{
	static const u8 expected[] = { 0x44, 0x33, 0, 0x77, 0, 0, 0, 0 };
	struct hv_pci_dev *hpdev = access_function(test);
	u8 *at = access_window(hpdev) + CFG_PAGE_OFFSET + 0x80;

	access_write(hpdev, 0x80, 2, 0x99993344);
	access_write(hpdev, 0x83, 1, 0x99999977);
	KUNIT_EXPECT_MEMEQ(test, at, expected, sizeof(expected));
}

static void read_of_ids_does_not_reach_host(struct kunit *test)
{
	struct hv_pci_dev *hpdev = access_function(test);
	const struct hv_mock_profile *gpu = &hv_mock_gpu;

	KUNIT_EXPECT_EQ(test, access_read(hpdev, PCI_VENDOR_ID, 4),
			gpu->device << 16 | gpu->vendor);
	KUNIT_EXPECT_EQ(test, access_read(hpdev, PCI_CLASS_REVISION, 4),
			gpu->class_revision);
	KUNIT_EXPECT_EQ(test, access_read(hpdev, PCI_SUBSYSTEM_ID, 2),
			gpu->device);
	KUNIT_EXPECT_EQ(test, access_selected(hpdev), HOST_NO_SLOT);
}

static void read_of_rom_finds_none(struct kunit *test)
{
	struct hv_pci_dev *hpdev = access_function(test);

	KUNIT_EXPECT_EQ(test, access_read(hpdev, PCI_ROM_ADDRESS, 4), 0);
	KUNIT_EXPECT_EQ(test, access_selected(hpdev), HOST_NO_SLOT);
}

static void read_of_interrupt_pin_finds_none(struct kunit *test)
{
	struct hv_pci_dev *hpdev = access_function(test);

	KUNIT_EXPECT_EQ(test, access_read(hpdev, PCI_INTERRUPT_PIN, 1), 0);
	KUNIT_EXPECT_EQ(test, access_selected(hpdev), HOST_NO_SLOT);
}

static void write_of_rom_does_not_reach_host(struct kunit *test)
{
	struct hv_pci_dev *hpdev = access_function(test);

	access_write(hpdev, PCI_ROM_ADDRESS, 4, ~0);
	KUNIT_EXPECT_EQ(test, access_selected(hpdev), HOST_NO_SLOT);
}

static struct kunit_case hv_pci_access_cases[] = {
	KUNIT_CASE(read_of_register_selects_function),
	KUNIT_CASE(write_of_register_selects_function),
	KUNIT_CASE(read_of_register_takes_bytes_of_its_width),
	KUNIT_CASE(write_of_register_changes_bytes_of_its_width),
	KUNIT_CASE(read_of_ids_does_not_reach_host),
	KUNIT_CASE(read_of_rom_finds_none),
	KUNIT_CASE(read_of_interrupt_pin_finds_none),
	KUNIT_CASE(write_of_rom_does_not_reach_host),
	{ }
};

static struct kunit_suite hv_pci_access_suite = {
	.name = "hv_pci_access",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_access_cases,
};

kunit_test_suite(hv_pci_access_suite);
