print('seeded')
